import type { AccountCatalog } from "../../account-catalog.ts";
import type { Database } from "../../database/database.ts";
import { openExisting } from "../../database/open/open-existing.ts";
import { type OwnAccount, readOwnAccount } from "../../database/tables/account.ts";
import { readCatalogEntry } from "../../database/tables/catalog.ts";
import { Failure } from "../../failure.ts";

/** The saved data for a command that only reads and works without it. */
export interface KeptAccount<Read> {
  /** The account's fields and pipelines as the last sync saved them. */
  catalog: AccountCatalog | undefined;
  /** The account to which the database belongs, if known. */
  own: OwnAccount | undefined;
  read: Read;
}

/**
 * Opens the database if it exists, reads the saved catalog and calls `read`, and closes it. `read` receives undefined
 * if there is no database, or if it cannot be opened, which is reported to `warn`.
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
