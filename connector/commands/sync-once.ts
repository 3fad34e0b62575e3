import { inLockedDatabase, type UseDatabase } from "../database/in-locked-database.ts";
import type { CompiledMapping } from "../mapping/compiled-mapping.ts";
import { readAccount } from "../pipedrive/account.ts";
import { prepareRun } from "../sync/prepare-run.ts";
import { runSync, type SyncOutcome, type SyncRequest } from "../sync/run-sync.ts";
import type { OnDecisions } from "../sync/settle-context.ts";
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
 * Opens everything that one sync needs, hands it to `work`, and closes it again. Whatever is wrong before that is thrown
 * as a Failure. `work` ends the progress line, before it prints anything.
 */
export async function prepareSync<Result>(
  options: SyncOnceOptions,
  signal: AbortSignal,
  useDatabase: UseDatabase,
  work: (request: SyncRequest, progress: ProgressLine) => Promise<Result>,
): Promise<Result> {
  const { config, client, budget, logger } = await openAccount(options, signal);
  loadMapping(config.mappings, undefined, () => {});
  // The token is tried before the database is opened, so that a wrong one leaves nothing behind.
  await readAccount(client);
  return useDatabase(config.database, { signal, waitSeconds: options.wait }, async (database) => {
    const mapping = await prepareRun({
      database,
      client,
      budget,
      loadMapping: (catalog) => loadMapping(config.mappings, catalog, (warning) => logger.warn(warning)),
    });
    const planhat = await openPlanhat(config, logger, signal);
    for (const notice of notYet(mapping)) logger.warn(notice);
    const progress = createProgressLine(budget, (message) => logger.info(message));
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
      ...planhat,
    };
    return work(request, progress);
  });
}

/** What the mapping asks for and this version does not do: said at every run, so that no one waits for it. */
function notYet({ organizations }: CompiledMapping): string[] {
  const { direction } = organizations;
  return direction === "both" || direction === "send"
    ? [`organizations.yaml says direction ${direction}: this version keeps Planhat's changes and does not send them.`]
    : [];
}
