import { type OwnAccount, readAnyOwnAccount } from "../database/account.ts";
import { openAsking } from "../database/open-existing.ts";
import { Failure } from "../failure.ts";

/**
 * Reads to which account a database belongs, without writing anything; undefined where there is none yet, where nobody
 * knows, and where it cannot be looked at now: what needs it says that better.
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
