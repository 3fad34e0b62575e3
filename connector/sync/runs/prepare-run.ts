import type { AccountCatalog } from "../../account-catalog.ts";
import type { Database } from "../../database/database.ts";
import { readUsage } from "../../database/tables/budget.ts";
import { extendCatalogEntry, readCatalogEntries, readCatalogEntry } from "../../database/tables/catalog.ts";
import { Failure } from "../../failure.ts";
import type { CompiledMapping } from "../../mapping/compiled-mapping.ts";
import type { Budget } from "../../pipedrive/client/budget.ts";
import type { Client } from "../../pipedrive/client/client.ts";
import type { RenewableCatalog } from "../run-context.ts";
import { KnownThings } from "./known-things.ts";
import { catalogAge, type LoadMapping, loadKept, refreshCatalog } from "./refresh-catalog.ts";

/** The inputs of preparing a run. The caller has locked the database. */
export interface RunMaterial {
  database: Database;
  client: Client;
  budget: Budget;
  loadMapping: LoadMapping;
}

/** A mapping compiled for a run, and the saved account catalog if it was compiled against that. */
export interface PreparedRun {
  mapping: CompiledMapping;
  keptCatalog?: RenewableCatalog;
}

/**
 * Prepares a run: takes over the day's usage from the database, and compiles the mapping against the account's catalog.
 * The catalog is read again if the run reads `whole` lists, if it is older than an hour, or if the mapping has changed
 * since the last run. Throws the failures of the API and the mapping.
 */
export async function prepareRun(material: RunMaterial, { whole = false } = {}): Promise<PreparedRun> {
  const { database, client, budget, loadMapping } = material;
  budget.startFrom(await readUsage(database, new Date().toISOString().slice(0, 10)));
  const kept = whole ? undefined : await loadYoung(material);
  return kept ?? { mapping: await refreshCatalog(database, client, loadMapping) };
}

/** Compiles the mapping against the saved catalog; undefined if that is too old, or the mapping is another one. */
async function loadYoung(material: RunMaterial): Promise<PreparedRun | undefined> {
  const { database, loadMapping } = material;
  const catalog = (await readCatalogEntry(database, "account", catalogAge)) as AccountCatalog | undefined;
  if (catalog === undefined) return undefined;
  try {
    const mapping = await loadKept(database, catalog, loadMapping);
    const last = (await readCatalogEntries(database, ["mapping"])).get("mapping");
    return last === mapping.fingerprint ? { mapping, keptCatalog: renewable(catalog, material) } : undefined;
  } catch (error) {
    // The mapping may name what the account has had for less than an hour.
    if (error instanceof Failure && error.kind === "usage") return undefined;
    throw error;
  }
}

function renewable(catalog: AccountCatalog, { database, client, loadMapping }: RunMaterial): RenewableCatalog {
  const things = new KnownThings(catalog);
  return {
    look: (stream, records) => things.look(stream, records),
    async renewed() {
      if (!things.isOutdated) return undefined;
      const mapping = await refreshCatalog(database, client, loadMapping);
      const now = (await readCatalogEntry(database, "account")) as unknown as AccountCatalog;
      const unlisted = things.stillUnknown(now);
      if (unlisted.length > 0) await extendCatalogEntry(database, "account", { unlisted });
      return mapping;
    },
  };
}
