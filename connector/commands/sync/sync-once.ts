import { withAlerts } from "../../alerts/with-alerts.ts";
import { withLineage } from "../../alerts/with-lineage.ts";
import type { Config } from "../../config/config.ts";
import type { Database } from "../../database/database.ts";
import { inLockedDatabase, inRehearsal, type UseDatabase } from "../../database/open/in-locked-database.ts";
import { operator } from "../../operator.ts";
import { readAccount } from "../../pipedrive/account/account.ts";
import { askingFor } from "../../pipedrive/account/asking-for.ts";
import { withBrake } from "../../sync/brake/brake-run.ts";
import type { OnDecisions, SyncOutcome, SyncRequest } from "../../sync/run-context.ts";
import { claimDatabase } from "../../sync/runs/one-account.ts";
import { prepareRun } from "../../sync/runs/prepare-run.ts";
import { runSync } from "../../sync/runs/run-sync.ts";
import { byCommand, withHistory } from "../../sync/runs/with-history.ts";
import type { CommonOptions } from "../common-options.ts";
import { loadMapping } from "../opening/load-mapping.ts";
import { type OpenAccount, openAccount } from "../opening/with-account.ts";
import { openPlanhat } from "../opening/with-database.ts";
import { createProgressLine, type ProgressLine } from "../terminal/progress-line.ts";

/** The options of one sync. */
export interface SyncOnceOptions extends CommonOptions {
  full?: true;
  company?: number[];
  /** The longest wait for another run to end, in seconds. */
  wait: number;
  /** The command recorded as the run's starter, if it is not `sync`. */
  command?: string;
  /** True to approve everything new that the run needs. */
  yes?: true;
}

/**
 * Opens everything that one sync needs, runs it, and closes everything. Faults before its start are thrown as a
 * Failure; later ones are in the outcome.
 */
export async function syncOnce(
  options: SyncOnceOptions,
  signal: AbortSignal,
  onDecisions?: OnDecisions,
): Promise<SyncOutcome> {
  return prepareSync(options, signal, inLockedDatabase, async (request, progress) => {
    try {
      return await runSync({ ...request, ...(onDecisions === undefined ? {} : { onDecisions }) });
    } finally {
      progress.end();
    }
  });
}

/**
 * Opens everything that one sync needs, passes it to `work`, and closes everything. Faults before that are thrown as a
 * Failure. `work` ends the progress line before it prints anything. Alerts tell what a sync brings about; a rehearsal
 * brings about nothing.
 */
export async function prepareSync<Result>(
  options: SyncOnceOptions,
  signal: AbortSignal,
  useDatabase: UseDatabase,
  work: (request: SyncRequest, progress: ProgressLine, config: Config) => Promise<Result>,
): Promise<Result> {
  const opened = await openAccount(options, signal);
  const { config, client, logger, budget } = opened;
  const sync = async () => {
    loadMapping(config, undefined, () => {});
    // Test the token before the database is opened, so that a wrong one leaves nothing behind.
    const owner = await readAccount(client);
    return useDatabase(config.database, { signal, waitSeconds: options.wait }, async (database) => {
      await claimDatabase(database, owner);
      const request = await requestIn(database, opened, options, signal);
      const progress = createProgressLine(budget, (message) => logger.info(message));
      return work({ ...request, onProgress: progress.update }, progress, config);
    });
  };
  if (useDatabase === inRehearsal) return sync();
  return withAlerts({ config, logger, signal, tokensLeft: budget.left, isSync: true }, sync);
}

/** Returns the request of one sync: what the options and the config say, with the mapping compiled for the account. */
export async function requestIn(
  database: Database,
  { config, client: account, budget, logger }: OpenAccount,
  options: SyncOnceOptions,
  signal: AbortSignal,
): Promise<SyncRequest> {
  const told = new Set<string>();
  const warnOnce = (warning: string) => {
    if (!told.has(warning)) logger.warn(warning);
    told.add(warning);
  };
  const prepared = await prepareRun(
    {
      database,
      client: account,
      budget,
      loadMapping: (catalog, agrees) => loadMapping(config, catalog, warnOnce, options.yes ? () => true : agrees),
    },
    { whole: options.full },
  );
  const client = askingFor(account, prepared.mapping.asked, (message) => logger.warn(message));
  const planhat = await openPlanhat(config, logger, signal);
  const agreement = options.yes ? { by: operator() } : undefined;
  return {
    database,
    client,
    budget,
    ...prepared,
    full: options.full ?? false,
    companies: options.company ?? [],
    followChanges: config.follow_changes,
    startDate: config.start_date,
    signal,
    sending: { client, warn: (message) => logger.warn(message) },
    ...(agreement === undefined ? {} : { agreement }),
    ...withBrake(config.brake, agreement === undefined ? {} : { agreement }),
    ...withHistory(config, byCommand(options.command ?? "sync")),
    ...withLineage(config, { warn: (message) => logger.warn(message), signal }),
    onWarning: (message) => logger.warn(message),
    ...planhat,
  };
}

/** The options of `sync`. */
export interface SyncOptions extends SyncOnceOptions {
  failOnRejections?: true;
  json?: true;
  /** The file of a plan to execute. */
  plan?: string;
}
