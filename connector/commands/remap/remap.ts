import { withLineage } from "../../alerts/with-lineage.ts";
import { loadConfig } from "../../config/load-config.ts";
import { createLogger } from "../../logger.ts";
import { operator } from "../../operator.ts";
import { createBudget } from "../../pipedrive/client/budget.ts";
import { writeLine, writeMessage } from "../../protocol/standard-output.ts";
import { hideSecrets } from "../../secrets.ts";
import { withBrake } from "../../sync/brake/brake-run.ts";
import { describeNotAsked, findNotAsked } from "../../sync/land/warn-not-asked.ts";
import { type RemapOutcome, runRemap } from "../../sync/runs/run-remap.ts";
import { readUnmapped, type UnmappedField } from "../../sync/runs/unmapped-fields.ts";
import { byCommand, withHistory } from "../../sync/runs/with-history.ts";
import type { CommonOptions } from "../common-options.ts";
import { withLanded } from "../opening/with-database.ts";
import { describeRows } from "../terminal/describe-summary.ts";
import { describeUnmapped, listed } from "../terminal/describe-unmapped.ts";
import { withFailure } from "../terminal/failure-json.ts";
import { createProgressLine } from "../terminal/progress-line.ts";
import { reportFailure } from "../terminal/report-failure.ts";
import { stopSignal } from "../terminal/stop-signal.ts";

/** The options of `remap`. */
export interface RemapOptions extends CommonOptions {
  /** The longest wait for another run to end, in seconds. */
  wait: number;
  /** True to set fields that are no longer mapped to NULL where they still hold the connector's value. */
  clearUnmapped?: true;
  /** True to approve clearing, and to continue where the brake would stop the run. */
  yes?: true;
  json?: true;
}

/**
 * Maps every landed record again with the current mapping, without any API call, and prints the result like `sync`.
 * Returns the exit status.
 */
export async function remap(options: RemapOptions): Promise<number> {
  const { summary, failure, cleared, waiting } = await remapOnce(options, stopSignal());
  if (options.json) await writeMessage(withFailure({ ...summary, cleared, unmapped: waiting }, failure));
  else {
    const what =
      failure === undefined ? "Mapped again what has landed" : "Ended before all that has landed was mapped again";
    await writeLine(`${what}, with no request to Pipedrive, in ${summary.seconds} s.`);
    for (const line of describeRows(summary)) await writeLine(line);
    if (cleared.length > 0) await writeLine(`\nCleared: ${listed(cleared)}.`);
    for (const line of options.clearUnmapped === true ? [] : describeUnmapped(waiting)) await writeLine(line);
  }
  return failure === undefined ? 0 : reportFailure(failure);
}

/** Runs the remap. Returns its outcome, and the unmapped fields that still hold values. */
async function remapOnce(
  options: RemapOptions,
  signal: AbortSignal,
): Promise<RemapOutcome & { waiting: UnmappedField[] }> {
  const { config, secrets } = await loadConfig(options.config);
  hideSecrets(secrets);
  const logger = await createLogger(options.logLevel, options.logFormat);
  return withLanded(
    { config, logger, wait: options.wait, signal, writes: true, purpose: "to map again" },
    async (landed) => {
      for (const one of await findNotAsked(landed.database, landed.mapping)) logger.warn(describeNotAsked(one));
      // No request is sent to Pipedrive, so no budget is used.
      const budget = createBudget({});
      const progress = createProgressLine(budget, (message) => logger.info(message));
      try {
        const agreement = options.yes === true ? { by: operator() } : undefined;
        const outcome = await runRemap({
          ...landed,
          ...withBrake(config.brake, agreement === undefined ? {} : { agreement }),
          ...withHistory(config, byCommand("remap")),
          ...withLineage(config, { warn: (message) => logger.warn(message), signal }),
          budget,
          signal,
          onProgress: progress.update,
          onWarning: (message) => logger.warn(message),
          ...(options.clearUnmapped === true ? { clearUnmapped: { agreement } } : {}),
        });
        const waiting = outcome.failure === undefined ? await readUnmapped(landed.database, landed.mapping) : [];
        return { ...outcome, waiting };
      } finally {
        progress.end();
      }
    },
  );
}
