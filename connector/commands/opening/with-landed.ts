import type { Logger } from "winston";
import type { AccountCatalog } from "../../account-catalog.ts";
import type { Config } from "../../config/config.ts";
import type { Database } from "../../database/database.ts";
import { openExisting } from "../../database/open/open-existing.ts";
import { acquireRunLock } from "../../database/open/run-lock.ts";
import { readCatalogEntry } from "../../database/tables/catalog.ts";
import { Failure } from "../../failure.ts";
import type { CompiledMapping } from "../../mapping/compiled-mapping.ts";
import type { PlanhatConnection } from "../../sync/run-context.ts";
import { type LoadMapping, loadKept } from "../../sync/runs/refresh-catalog.ts";
import { loadMapping } from "./load-mapping.ts";
import { openPlanhat } from "./open-planhat.ts";

/** A database that a sync has filled, locked for one piece of work, and the mapping checked against its catalog. */
export interface Landed {
  database: Database;
  mapping: CompiledMapping;
  /** The account's fields and pipelines as the last sync saved them. */
  catalog: AccountCatalog;
  /** Planhat's API, if the config names it. */
  planhat?: PlanhatConnection;
}

/** The options of opening landed records. */
export interface LandedOptions {
  config: Config;
  logger: Logger;
  /** Seconds to wait for another run to end. */
  wait: number;
  signal: AbortSignal;
  /** True if rows may be written; then the meanings of the mapping's words are saved. */
  writes: boolean;
  /** The purpose, which the message names if no sync has run: `to map again`. */
  purpose: string;
}

/**
 * Opens the database of an earlier sync for one piece of work, under the run lock, and closes it. The mapping is loaded
 * with the saved catalog, so no request goes to Pipedrive. Throws a Failure of kind `surroundings` if nothing has been
 * synced yet or another run holds the database, and of kind `usage` for a mapping with errors.
 */
export async function withLanded<Result>(
  { config, logger, wait, signal, writes, purpose }: LandedOptions,
  work: (landed: Landed) => Promise<Result>,
): Promise<Result> {
  loadMapping(config, undefined, () => {});
  const database = await openExisting(config.database, { signal, waitSeconds: wait });
  if (database === undefined) throw nothingLanded(config.database, purpose);
  try {
    const lock = await acquireRunLock(database, { waitSeconds: wait, signal });
    try {
      const catalog = (await readCatalogEntry(database, "account")) as AccountCatalog | undefined;
      if (catalog === undefined) throw nothingLanded(database.location, purpose);
      const load: LoadMapping = (known, agrees) =>
        loadMapping(config, known, (warning) => logger.warn(warning), agrees);
      const mapping = writes ? await loadKept(database, catalog, load) : load(catalog);
      return await work({ database, mapping, catalog, ...(await openPlanhat(config, logger, signal)) });
    } finally {
      await lock.release();
    }
  } finally {
    await database.close();
  }
}

/** Returns the failure of work that needs landed records when there are none; `purpose` as in `to map again`. */
export function nothingLanded(location: string, purpose: string): Failure {
  return new Failure("surroundings", `Nothing has been synced into ${location} yet, so there is nothing ${purpose}.`, {
    hint: "Run a first sync: pipedrive-planhat sync.",
  });
}
