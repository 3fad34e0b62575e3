import type { AccountCatalog } from "../account-catalog.ts";
import { type OwnAccount, readOwnAccount } from "../database/account.ts";
import { readCatalogEntry } from "../database/catalog.ts";
import type { Database } from "../database/database.ts";
import { openExisting } from "../database/open-existing.ts";
import { Failure } from "../failure.ts";

/** What a database is asked by a command that only reads and can do without. */
export interface KeptAccount<Read> {
  /** The account's fields and pipelines as the last sync kept them. */
  catalog: AccountCatalog | undefined;
  /** The account that the database belongs to, where that is known. */
  own: OwnAccount | undefined;
  read: Read;
}

/**
 * Opens the database where there is one, reads the kept catalog and what `read` reads, and closes it again. `read` gets
 * undefined where there is no database, or where it cannot be opened, which `warn` is told.
 */
export async function readKept<Read>(
  location: string,
  warn: (message: string) => void,
  read: (database: Database | undefined, catalog: AccountCatalog | undefined) => Promise<Read> | Read,
): Promise<KeptAccount<Read>> {
  const database = await openExisting(location).catch((error: unknown) => {
    if (!(error instanceof Failure)) throw error;
    warn(`What has been synced is not looked at: ${error.message}`);
    return undefined;
  });
  if (database === undefined) return { catalog: undefined, own: undefined, read: await read(undefined, undefined) };
  try {
    const catalog = (await readCatalogEntry(database, "account")) as AccountCatalog | undefined;
    return { catalog, own: await readOwnAccount(database), read: await read(database, catalog) };
  } finally {
    await database.close();
  }
}
