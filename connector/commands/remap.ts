import { loadConfig } from "../config/load-config.ts";
import { createLogger } from "../logger.ts";
import { createBudget } from "../pipedrive/budget.ts";
import { writeLine, writeMessage } from "../protocol/standard-output.ts";
import { hideSecrets } from "../secrets.ts";
import { runRemap } from "../sync/run-remap.ts";
import type { SyncOutcome } from "../sync/run-sync.ts";
import { describeNotAsked, findNotAsked } from "../sync/warn-not-asked.ts";
import type { CommonOptions } from "./common-options.ts";
import { describeRows } from "./describe-summary.ts";
import { createProgressLine } from "./progress-line.ts";
import { reportFailure } from "./report-failure.ts";
import { stopSignal } from "./stop-signal.ts";
import { withLanded } from "./with-landed.ts";

/** The options of `remap`. */
export interface RemapOptions extends CommonOptions {
  /** Seconds. */
  wait: number;
  json?: true;
}

/**
 * Maps every landed record again with the mapping as it is now, without any API call, and prints what came of it like
 * `sync`. Returns the exit status.
 */
export async function remap(options: RemapOptions): Promise<number> {
  const { summary, failure } = await remapOnce(options, stopSignal());
  if (options.json) await writeMessage(summary);
  else {
    await writeLine(`Mapped again what has landed, with no request to Pipedrive, in ${summary.seconds} s.`);
    for (const line of describeRows(summary)) await writeLine(line);
  }
  return failure === undefined ? 0 : reportFailure(failure);
}

async function remapOnce(options: RemapOptions, signal: AbortSignal): Promise<SyncOutcome> {
  const { config, secrets } = await loadConfig(options.config);
  hideSecrets(secrets);
  const logger = await createLogger(options.logLevel, options.logFormat);
  return withLanded(
    { config, logger, wait: options.wait, signal, writes: true, purpose: "to map again" },
    async (landed) => {
      for (const one of await findNotAsked(landed.database, landed.mapping)) logger.warn(describeNotAsked(one));
      // Nothing is asked of Pipedrive, so nothing of the budget is used.
      const budget = createBudget({});
      const progress = createProgressLine(budget, (message) => logger.info(message));
      try {
        return await runRemap({ ...landed, budget, signal, onProgress: progress.update });
      } finally {
        progress.end();
      }
    },
  );
}
