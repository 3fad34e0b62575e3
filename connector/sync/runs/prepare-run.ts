import type { AccountCatalog } from "../../account-catalog.ts";
import type { Database } from "../../database/database.ts";
import { readUsage } from "../../database/tables/budget.ts";
import { readCatalogEntry } from "../../database/tables/catalog.ts";
import type { CompiledMapping } from "../../mapping/compiled-mapping.ts";
import type { Budget } from "../../pipedrive/client/budget.ts";
import type { Client } from "../../pipedrive/client/client.ts";
import { type LoadMapping, loadKept, refreshCatalog } from "./refresh-catalog.ts";

/** The inputs of preparing a run. The caller has locked the database. */
export interface RunMaterial {
  database: Database;
  client: Client;
  budget: Budget;
  loadMapping: LoadMapping;
}

/**
 * Prepares a run: takes over the day's usage from the database, and compiles the mapping against the account's fields.
 * They are fetched again, unless they were fetched within the last `catalogAge` seconds. Throws the failures of the API
 * and the mapping.
 */
export async function prepareRun(
  { database, client, budget, loadMapping }: RunMaterial,
  { catalogAge = 0 }: { catalogAge?: number } = {},
): Promise<CompiledMapping> {
  budget.startFrom(await readUsage(database, new Date().toISOString().slice(0, 10)));
  const kept = catalogAge > 0 ? await readCatalogEntry(database, "account", catalogAge) : undefined;
  return kept === undefined
    ? refreshCatalog(database, client, loadMapping)
    : loadKept(database, kept as unknown as AccountCatalog, loadMapping);
}
