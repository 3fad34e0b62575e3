import type { Logger } from "winston";
import type { AccountCatalog } from "../account-catalog.ts";
import type { Config } from "../config/config.ts";
import { readCatalogEntry } from "../database/catalog.ts";
import type { Database } from "../database/database.ts";
import { openExisting } from "../database/open-existing.ts";
import { acquireRunLock } from "../database/run-lock.ts";
import { Failure } from "../failure.ts";
import type { CompiledMapping } from "../mapping/compiled-mapping.ts";
import type { PlanhatConnection } from "../sync/run-context.ts";
import { type LoadMapping, loadKept } from "../sync/runs/refresh-catalog.ts";
import { loadMapping } from "./load-mapping.ts";
import { openPlanhat } from "./open-planhat.ts";

/** A database that a sync has filled, held for the one who works on it, and the mapping checked against its catalog. */
export interface Landed {
  database: Database;
  mapping: CompiledMapping;
  /** The account's fields and pipelines as the last sync kept them. */
  catalog: AccountCatalog;
  /** Planhat's API, where the config names it. */
  planhat?: PlanhatConnection;
}

/** How to open what has landed. */
export interface LandedOptions {
  config: Config;
  logger: Logger;
  /** Seconds to wait for another run to end. */
  wait: number;
  signal: AbortSignal;
  /** True where rows may be written: then what the words of the mapping mean is kept. */
  writes: boolean;
  /** What there is nothing of without a sync, for the message: `to map again`. */
  purpose: string;
}

/**
 * Opens the database of an earlier sync for one piece of work, under the run lock, and closes it again. The mapping is
 * loaded with the kept catalog, so nothing is asked of Pipedrive. Throws a Failure of kind `surroundings` when nothing
 * has been synced yet or another run holds the database, and of kind `usage` for a mapping with mistakes.
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

/** The failure of who needs what a sync has landed, where there is none; `purpose` as `to map again`. */
export function nothingLanded(location: string, purpose: string): Failure {
  return new Failure("surroundings", `Nothing has been synced into ${location} yet, so there is nothing ${purpose}.`, {
    hint: "Run a first sync: pipedrive-planhat sync.",
  });
}
