import type { Config } from "../config/config.ts";
import { inLockedDatabase, type UseDatabase } from "../database/in-locked-database.ts";
import { operator } from "../operator.ts";
import { readAccount } from "../pipedrive/account.ts";
import { askingFor } from "../pipedrive/asking-for.ts";
import { withBrake } from "../sync/brake/brake-run.ts";
import type { OnDecisions, SyncOutcome, SyncRequest } from "../sync/run-context.ts";
import { claimDatabase } from "../sync/runs/one-account.ts";
import { prepareRun } from "../sync/runs/prepare-run.ts";
import { runSync } from "../sync/runs/run-sync.ts";
import { byCommand, withHistory } from "../sync/runs/with-history.ts";
import type { CommonOptions } from "./common-options.ts";
import { loadMapping } from "./load-mapping.ts";
import { openAccount } from "./open-account.ts";
import { openPlanhat } from "./open-planhat.ts";
import { createProgressLine, type ProgressLine } from "./progress-line.ts";

/** What to sync, and how long to wait for another run to end. */
export interface SyncOnceOptions extends CommonOptions {
  full?: true;
  company?: number[];
  /** Seconds. */
  wait: number;
  /** The command that the run is told to be started by, where it is another. */
  command?: string;
  /** Everything of a new kind that the run needs is agreed to. */
  yes?: true;
}

/**
 * Opens everything that one sync needs, runs it, and closes it again. Whatever is wrong before it starts is thrown as a
 * Failure; what goes wrong in it is in the outcome.
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
 * Opens everything that one sync needs, hands it to `work`, and closes it again. Whatever is wrong before that is
 * thrown as a Failure. `work` ends the progress line, before it prints anything.
 */
export async function prepareSync<Result>(
  options: SyncOnceOptions,
  signal: AbortSignal,
  useDatabase: UseDatabase,
  work: (request: SyncRequest, progress: ProgressLine, config: Config) => Promise<Result>,
): Promise<Result> {
  const { config, client: account, budget, logger } = await openAccount(options, signal);
  loadMapping(config, undefined, () => {});
  // The token is tried before the database is opened, so that a wrong one leaves nothing behind.
  const owner = await readAccount(account);
  return useDatabase(config.database, { signal, waitSeconds: options.wait }, async (database) => {
    await claimDatabase(database, owner);
    const mapping = await prepareRun({
      database,
      client: account,
      budget,
      loadMapping: (catalog, agrees) =>
        loadMapping(config, catalog, (warning) => logger.warn(warning), options.yes ? () => true : agrees),
    });
    const client = askingFor(account, mapping.asked, (message) => logger.warn(message));
    const planhat = await openPlanhat(config, logger, signal);
    const progress = createProgressLine(budget, (message) => logger.info(message));
    const agreement = options.yes ? { by: operator() } : undefined;
    const request: SyncRequest = {
      database,
      client,
      budget,
      mapping,
      full: options.full ?? false,
      companies: options.company ?? [],
      followChanges: config.follow_changes,
      startDate: config.start_date,
      signal,
      onProgress: progress.update,
      sending: { client, warn: (message) => logger.warn(message) },
      ...(agreement === undefined ? {} : { agreement }),
      ...withBrake(config.brake, agreement === undefined ? {} : { agreement }),
      ...withHistory(config.history, byCommand(options.command ?? "sync")),
      onWarning: (message) => logger.warn(message),
      ...planhat,
    };
    return work(request, progress, config);
  });
}
