import { readUsage } from "../../database/tables/budget.ts";
import { writeLine, writeText } from "../../protocol/standard-output.ts";
import { withoutSecrets } from "../../secrets.ts";
import { type AuditOutcome, estimateCost, runAudit } from "../../sync/audit/run-audit.ts";
import type { Progress } from "../../sync/run-context.ts";
import { ofOwnAccount } from "../../sync/runs/one-account.ts";
import type { CommonOptions } from "../common-options.ts";
import { type OpenAccount, openAccount } from "../opening/with-account.ts";
import { type Landed, withLanded } from "../opening/with-database.ts";
import { withFailure } from "../terminal/failure-json.ts";
import { createProgressLine } from "../terminal/progress-line.ts";
import { reportFailure } from "../terminal/report-failure.ts";
import { stopSignal } from "../terminal/stop-signal.ts";
import { describeAudit, unexplainedFailure } from "./describe-audit.ts";

/** The options of `audit`. */
export interface AuditOptions extends CommonOptions {
  /** The longest wait for the database, in seconds. */
  wait: number;
  json?: true;
}

/**
 * Compares Pipedrive, the landing, the tables and, if the config names it, Planhat, and prints every difference with
 * its reason. Returns the exit status: 1 if a difference is unexplained; if Pipedrive could not be read, that of its
 * failure.
 */
export async function audit(options: AuditOptions): Promise<number> {
  const outcome = await auditOnce(options, stopSignal());
  const failure = outcome.failure ?? unexplainedFailure(outcome);
  if (options.json) for (const text of jsonOf(outcome, failure)) await writeText(withoutSecrets(text));
  else for (const line of describeAudit(outcome)) await writeLine(line);
  if (failure === undefined) return 0;
  return reportFailure(failure, { isShown: outcome.failure === undefined && options.json !== true });
}

async function auditOnce(options: AuditOptions, signal: AbortSignal): Promise<AuditOutcome> {
  const { config, client, budget, logger } = await openAccount(options, signal);
  return withLanded(
    { config, logger, wait: options.wait, signal, writes: false, purpose: "to compare" },
    async (landed) => {
      const progress = createProgressLine(budget, (message) => logger.info(message));
      try {
        return await auditIn(landed, { config, client, budget, logger }, signal, progress.update);
      } finally {
        progress.end();
      }
    },
  );
}

/** Audits an open and locked database. */
export async function auditIn(
  landed: Landed,
  { config, client, budget, logger }: OpenAccount,
  signal: AbortSignal,
  onProgress: (progress: Progress) => void,
): Promise<AuditOutcome> {
  budget.startFrom(await readUsage(landed.database, new Date().toISOString().slice(0, 10)));
  const cost = await estimateCost(landed);
  logger.info(
    `Reading Pipedrive's lists takes at least ${cost.requests} requests (${cost.tokens} API tokens), and a few more for its fields.`,
  );
  return runAudit({
    ...landed,
    client: ofOwnAccount(client, landed.database, landed.database.location),
    budget,
    startDate: config.start_date,
    followChanges: config.follow_changes,
    signal,
    onProgress,
  });
}

const differencesAtOnce = 1000;

/** Yields the outcome as one JSON document in pieces: one string could not hold any number of differences. */
function* jsonOf(
  { seconds, streams, models, differences, requests, planhat, failure: ended }: AuditOutcome,
  failure: unknown,
): Generator<string> {
  const { differences: count, unexplained } = differences.count();
  const head = {
    ...withFailure({}, failure),
    complete: ended === undefined,
    seconds,
    requests,
    ...(planhat && { planhat }),
    streams,
    models,
    count,
    unexplained,
  };
  yield `${JSON.stringify(head).slice(0, -1)},"differences":[`;
  let piece: string[] = [];
  let first = true;
  for (const difference of differences.all()) {
    piece.push(`${first ? "" : ","}${JSON.stringify(difference)}`);
    first = false;
    if (piece.length < differencesAtOnce) continue;
    yield piece.join("");
    piece = [];
  }
  yield `${piece.join("")}]}\n`;
}
