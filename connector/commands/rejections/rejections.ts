import { withLineage } from "../../alerts/with-lineage.ts";
import { loadConfig } from "../../config/load-config.ts";
import { countDismissedBy, listRejectionsBy } from "../../database/lists/list-rejections.ts";
import { openExisting } from "../../database/open/open-existing.ts";
import { readUsage } from "../../database/tables/budget.ts";
import { takeDismissalsBack } from "../../database/tables/dismissals.ts";
import { retryDeadLetters } from "../../database/tables/jobs.ts";
import type { StoredRejection } from "../../database/tables/rejections.ts";
import type { StartedBy } from "../../database/tables/runs.ts";
import type { ModelName } from "../../model-name.ts";
import { askingFor } from "../../pipedrive/account/asking-for.ts";
import { writeLine, writeMessage } from "../../protocol/standard-output.ts";
import { hideSecrets } from "../../secrets.ts";
import type { StreamName } from "../../stream-name.ts";
import { withBrake } from "../../sync/brake/brake-run.ts";
import { type ListedRejection, listedRejection, rejectedRecordText } from "../../sync/listed-rejection.ts";
import type { RunRequest } from "../../sync/run-context.ts";
import { ofOwnAccount } from "../../sync/runs/one-account.ts";
import { type RetryOutcome, retryRejections } from "../../sync/runs/retry-rejections.ts";
import { byCommand, withHistory } from "../../sync/runs/with-history.ts";
import { counted } from "../../text/counted.ts";
import { instantAgo } from "../../text/instant.ts";
import type { CommonOptions } from "../common-options.ts";
import { type OpenAccount, openAccount } from "../opening/with-account.ts";
import { type Landed, neverSynced, withLanded } from "../opening/with-database.ts";
import { describeRows } from "../terminal/describe-summary.ts";
import { withFailure } from "../terminal/failure-json.ts";
import { createProgressLine } from "../terminal/progress-line.ts";
import { reportFailure } from "../terminal/report-failure.ts";
import { stopSignal } from "../terminal/stop-signal.ts";
import { table } from "../terminal/table.ts";
import { chosenRejections } from "./chosen-rejections.ts";

/** The options of `rejections list`. */
export interface ListOptions extends CommonOptions {
  stream?: StreamName;
  model?: ModelName;
  /** The record's id in Pipedrive. */
  record?: number;
  field?: string;
  /** A part of the reason. */
  reason?: string;
  sort?: "since" | "record";
  /** The maximum number of rejections shown in text. */
  limit: number;
  /** True to list dismissed rejections too. */
  all?: true;
  json?: true;
}

/** The options of `rejections retry`. */
export interface RetryOptions extends CommonOptions {
  /** The longest wait for another run to end, in seconds. */
  wait: number;
  json?: true;
}

/** Remaining rejections that are shown after a retry. */
const mostLeft = 20;
const longestValue = 60;

/** Prints the rejections and their reasons, newest first; with `--json` all of them. Returns the exit status. */
export async function rejectionsList(options: ListOptions): Promise<number> {
  const { config, secrets } = await loadConfig(options.config);
  hideSecrets(secrets);
  const database = await openExisting(config.database);
  if (database === undefined) throw neverSynced(config.database);
  try {
    const { stream, model, record, field, reason, sort, all, limit, json } = options;
    const filter = { stream, model, record, field, reason, sort, dismissed: all, limit: json ? undefined : limit };
    const { rejections, count } = await listRejectionsBy(database, filter);
    const listed = rejections.map(listedRejection);
    if (json) await writeMessage(listed);
    else {
      const dismissed = all ? 0 : await countDismissedBy(database, filter);
      for (const line of [...describeList(listed, count), ...describeDismissed(dismissed)]) await writeLine(line);
    }
    return 0;
  } finally {
    await database.close();
  }
}

/** Retries all rejections, or those with the given ids, and prints the result. Returns the exit status. */
export async function rejectionsRetry(ids: readonly string[], options: RetryOptions): Promise<number> {
  const outcome = await retryOnce(ids, options, stopSignal());
  const { summary, failure, mended, forgotten, left, deadLetters } = outcome;
  const retried = mended + forgotten + left.length;
  if (options.json) {
    const counts = { retried, mended, forgotten, left: left.length };
    const rejections = { ...counts, ids: left.map(({ id }) => id) };
    await writeMessage(withFailure({ ...summary, rejections, dead_letters: deadLetters }, failure));
  } else {
    for (const line of describeRetry(outcome, retried)) await writeLine(line);
    if (deadLetters > 0) await writeLine(`${deadLetters} given up by serve wait again: a running serve takes them up.`);
  }
  return failure === undefined ? 0 : reportFailure(failure);
}

async function retryOnce(
  ids: readonly string[],
  options: RetryOptions,
  signal: AbortSignal,
): Promise<RetryOutcome & { deadLetters: number }> {
  const { config, client, budget, logger } = await openAccount(options, signal);
  const purpose = "to try again";
  return withLanded(
    { config, logger, wait: options.wait, signal, writes: true, purpose },
    async ({ database, mapping, planhat }) => {
      const rejections = await chosenRejections(database, ids);
      const progress = createProgressLine(budget, (message) => logger.info(message));
      const startedBy = byCommand("rejections retry");
      const by = { config, client, budget, logger, signal, startedBy, onProgress: progress.update };
      try {
        return await retryIn({ database, mapping, ...(planhat === undefined ? {} : { planhat }) }, by, rejections, ids);
      } finally {
        progress.end();
      }
    },
  );
}

/** Retries rejections in an open and locked database; without ids the requests that serve gave up are queued again. */
export async function retryIn(
  { database, mapping, planhat }: Pick<Landed, "database" | "mapping" | "planhat">,
  {
    config,
    client,
    budget,
    logger,
    ...by
  }: OpenAccount & Pick<RunRequest, "signal" | "onProgress"> & { startedBy: StartedBy },
  rejections: readonly StoredRejection[],
  ids: readonly string[],
): Promise<RetryOutcome & { deadLetters: number }> {
  // A user who names a rejection by its id wants it reported again.
  await takeDismissalsBack(database, ids.length === 0 ? [] : rejections.map(({ id }) => id));
  const deadLetters = ids.length === 0 ? await retryDeadLetters(database) : 0;
  budget.startFrom(await readUsage(database, new Date().toISOString().slice(0, 10)));
  const log = (message: string) => void logger.warn(message);
  const { startedBy, ...rest } = by;
  const outcome = await retryRejections({
    database,
    mapping,
    budget,
    client: askingFor(ofOwnAccount(client, database, database.location), mapping.asked, log),
    rejections,
    ...withBrake(config.brake),
    ...withHistory(config, startedBy),
    ...withLineage(config, { warn: log, signal: rest.signal }),
    ...(planhat === undefined ? {} : { planhat }),
    ...rest,
    log,
  });
  return { ...outcome, deadLetters };
}

function describeRetry({ summary, mended, forgotten, left }: RetryOutcome, retried: number): string[] {
  if (retried === 0) return ["Nothing is rejected, so there is nothing to try again."];
  const { count, tokens } = summary.requests;
  const asked = count === 0 ? "no request to Pipedrive" : `${count} requests (${tokens} API tokens)`;
  const gone = forgotten === 0 ? "" : `, ${forgotten} of records that do not sync any more`;
  return [
    `Tried ${counted(retried, "rejection")} again, with ${asked}, in ${summary.seconds} s: ${mended} mended${gone}, ${left.length} left.`,
    ...describeRows(summary),
    ...(left.length === 0 ? [] : ["", ...describeList(left.slice(0, mostLeft), left.length)]),
  ];
}

/** Returns the rejections as lines of text; `total` is the number of all. */
function describeList(listed: readonly ListedRejection[], total: number): string[] {
  if (total === 0) return ["Nothing is rejected."];
  const heads = ["id", "since", "record", "model", "field", "reason", "value"];
  const rows = listed.map((one) => [
    one.id,
    instantAgo(one.since),
    rejectedRecordText(one),
    one.model ?? "",
    one.field ?? "",
    one.dismissed === undefined ? one.reason : `(dismissed) ${one.reason}`,
    one.value === null ? "" : shortened(JSON.stringify(one.value)),
  ]);
  const more = total > listed.length ? [`… and ${total - listed.length} more: --limit <n> or --json shows them.`] : [];
  return [...table([heads, ...rows]), ...more, "", `${counted(total, "rejection")} in all.`];
}

function describeDismissed(dismissed: number): string[] {
  if (dismissed === 0) return [];
  return [`${dismissed} more ${dismissed === 1 ? "was" : "were"} dismissed: --all shows them.`];
}

function shortened(text: string): string {
  return text.length > longestValue ? `${text.slice(0, longestValue)}…` : text;
}
