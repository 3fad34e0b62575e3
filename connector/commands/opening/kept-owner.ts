import { openAsking } from "../../database/open/open-existing.ts";
import { type OwnAccount, readAnyOwnAccount } from "../../database/tables/account.ts";
import { Failure } from "../../failure.ts";

/**
 * Reads the account to which a database belongs, without writing anything. Undefined if there is no database, if it is
 * unknown, and if the database cannot be read now: a later step reports that better.
 */
export async function keptOwner(location: string): Promise<OwnAccount | undefined> {
  try {
    const session = await openAsking(location);
    if (session === undefined) return undefined;
    try {
      return await readAnyOwnAccount(session);
    } finally {
      await session.close();
    }
  } catch (error) {
    if (error instanceof Failure) return undefined;
    throw error;
  }
}
