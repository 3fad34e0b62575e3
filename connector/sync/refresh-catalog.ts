import type { AccountCatalog } from "../account-catalog.ts";
import { readCatalogEntry, saveCatalogEntry } from "../database/catalog.ts";
import type { Database } from "../database/database.ts";
import { readCatalog } from "../pipedrive/account.ts";
import type { Client } from "../pipedrive/client.ts";

/**
 * Reads the account's fields, pipelines, stages and users anew and keeps them in the database, so that remapping needs
 * no API. Options that the account no longer has keep their last known label.
 */
export async function refreshCatalog(database: Database, client: Client): Promise<AccountCatalog> {
  const previous = (await readCatalogEntry(database, "account")) as AccountCatalog | undefined;
  const catalog = await readCatalog(client, previous);
  await saveCatalogEntry(database, "account", catalog);
  return catalog;
}
