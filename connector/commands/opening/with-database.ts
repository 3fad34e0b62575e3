import type { Logger } from "winston";
import type { AccountCatalog } from "../../account-catalog.ts";
import { withAlerts } from "../../alerts/with-alerts.ts";
import type { Config } from "../../config/config.ts";
import { loadConfig } from "../../config/load-config.ts";
import type { Database, Session } from "../../database/database.ts";
import { openDatabase } from "../../database/open/open-database.ts";
import { openAsking, openExisting, openToAsk } from "../../database/open/open-existing.ts";
import { acquireRunLock } from "../../database/open/run-lock.ts";
import type { OwnAccount } from "../../database/tables/account.ts";
import { readAnyOwnAccount, readOwnAccount } from "../../database/tables/account.ts";
import { readCatalogEntry } from "../../database/tables/catalog.ts";
import { Failure } from "../../failure.ts";
import type { CompiledMapping } from "../../mapping/compiled-mapping.ts";
import { hideSecrets } from "../../secrets.ts";
import { recordUsage } from "../../sync/record-usage.ts";
import type { PlanhatConnection } from "../../sync/run-context.ts";
import { ofOwnAccount } from "../../sync/runs/one-account.ts";
import { type LoadMapping, loadKept } from "../../sync/runs/refresh-catalog.ts";
import type { CommonOptions } from "../common-options.ts";
import { refuseUnknownFields } from "../mapping/look-at-planhat.ts";
import { stopSignal } from "../terminal/stop-signal.ts";
import { loadMapping } from "./load-mapping.ts";
import type { OpenAccount } from "./with-account.ts";
import { openAccount } from "./with-account.ts";

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
 * synced yet or another run holds the database, and of kind `usage` for a mapping with errors. If rows may be written,
 * alerts tell what that brings about.
 */
export async function withLanded<Result>(
  options: LandedOptions,
  work: (landed: Landed) => Promise<Result>,
): Promise<Result> {
  const { config, logger, signal, writes } = options;
  const run = () => inLanded(options, work);
  return writes ? withAlerts({ config, logger, signal, isSync: false }, run) : run();
}

async function inLanded<Result>(options: LandedOptions, work: (landed: Landed) => Promise<Result>): Promise<Result> {
  const { config, wait, signal, purpose } = options;
  loadMapping(config, undefined, () => {});
  const database = await openExisting(config.database, { signal, waitSeconds: wait });
  if (database === undefined) throw nothingLanded(config.database, purpose);
  try {
    return await lockLanded(database, options, work);
  } finally {
    await database.close();
  }
}

/** Does one piece of work under the run lock of an open database, like `withLanded`. */
export async function lockLanded<Result>(
  database: Database,
  { config, logger, wait, signal, writes, purpose }: LandedOptions,
  work: (landed: Landed) => Promise<Result>,
): Promise<Result> {
  const lock = await acquireRunLock(database, { waitSeconds: wait, signal });
  try {
    const catalog = (await readCatalogEntry(database, "account")) as AccountCatalog | undefined;
    if (catalog === undefined) throw nothingLanded(database.location, purpose);
    const load: LoadMapping = (known, agrees) => loadMapping(config, known, (warning) => logger.warn(warning), agrees);
    const mapping = writes ? await loadKept(database, catalog, load) : load(catalog);
    return await work({ database, mapping, catalog, ...(await openPlanhat(config, logger, signal)) });
  } finally {
    await lock.release();
  }
}

/** Returns the failure of a command that needs a database when there is none; `so` goes on after the reason. */
export function neverSynced(location: string, so = ""): Failure {
  return new Failure("surroundings", `Nothing has been synced into ${location} yet${so}.`, {
    hint: "Run a first sync: pipedrive-planhat sync.",
  });
}

/** Returns the failure of work that needs landed records when there are none; `purpose` as in `to map again`. */
export function nothingLanded(location: string, purpose: string): Failure {
  return neverSynced(location, `, so there is nothing ${purpose}`);
}

/**
 * Connects to Planhat's API if the config names it, and returns `planhat` for a run's request. It first looks up the
 * custom fields that the mapping names. If Planhat lacks one, it throws a Failure (usage) with file, line, column and
 * the nearest name, before the run starts. If Planhat cannot be reached, the run fills the tables, and publishing fails
 * with that reason.
 */
export async function openPlanhat(
  config: Config,
  logger: Logger,
  signal: AbortSignal | undefined,
): Promise<{ planhat?: PlanhatConnection }> {
  if (config.planhat === undefined) return {};
  const { createPlanhatClient } = await import("../../planhat/client.ts");
  const { readCustomFieldNames } = await import("../../planhat/custom-fields.ts");
  const client = createPlanhatClient(config.planhat, { signal, log: (message) => logger.warn(message) });
  try {
    const customFields = await readCustomFieldNames(client);
    refuseUnknownFields(config, customFields);
    return { planhat: { client, customFields } };
  } catch (error) {
    if (!(error instanceof Failure) || error.kind === "usage") throw error;
    logger.warn(`Nothing can be published in this run. ${error.message}`);
    return { planhat: { client, customFields: error } };
  }
}

/** An account, its database, and the signal that ends the work. */
export interface AccountAndDatabase extends OpenAccount {
  database: Database;
  signal: AbortSignal;
}

/**
 * Runs `work` with the config's account and database, records the API usage, and closes both. Errors of `refuse` are
 * thrown before anything is opened.
 */
export async function withAccountAndDatabase<Result>(
  options: CommonOptions,
  work: (opened: AccountAndDatabase) => Promise<Result>,
  refuse: (config: Config) => unknown = () => {},
): Promise<Result> {
  const signal = stopSignal();
  const account = await openAccount(options, signal);
  refuse(account.config);
  const database = await openDatabase(account.config.database, { signal });
  try {
    const client = ofOwnAccount(account.client, database, database.location);
    return await work({ ...account, client, database, signal });
  } finally {
    await database.transaction((transaction) => recordUsage(transaction, { request: account }));
    await database.close();
  }
}

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
    warn(`Synced records were not checked: ${error.message}`);
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

/** Runs `work` on the config's database, opened for reading, and closes it. Throws a Failure if there is none yet. */
export async function withHistoryOf<Result>(
  options: CommonOptions,
  work: (database: Session) => Promise<Result>,
): Promise<Result> {
  const { config, secrets } = await loadConfig(options.config);
  hideSecrets(secrets);
  const database = await openToAsk(config.database);
  if (database === undefined) throw neverSynced(config.database, ", so there is no history");
  try {
    return await work(database);
  } finally {
    await database.close();
  }
}
