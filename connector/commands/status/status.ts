import { existsSync } from "node:fs";
import type { AccountCatalog } from "../../account-catalog.ts";
import { type AlertStatus, readAlertStatus } from "../../alerts/alert-status.ts";
import type { Config } from "../../config/config.ts";
import { loadConfig } from "../../config/load-config.ts";
import type { Database } from "../../database/database.ts";
import { openDatabase } from "../../database/open/open-database.ts";
import { readCatalogEntry } from "../../database/tables/catalog.ts";
import { Failure } from "../../failure.ts";
import { isServer } from "../../is-server.ts";
import { writeLine, writeMessage } from "../../protocol/standard-output.ts";
import { hideSecrets, withoutSecrets } from "../../secrets.ts";
import { listedStreams } from "../../stream-name.ts";
import { readStatus, type Status } from "../../sync/inspect/read-status.ts";
import { rejectedRecordText } from "../../sync/listed-rejection.ts";
import { readUnmapped, type UnmappedField } from "../../sync/runs/unmapped-fields.ts";
import { formatInstant, instantAgo } from "../../text/instant.ts";
import type { CommonOptions } from "../common-options.ts";
import { loadMapping } from "../opening/load-mapping.ts";
import { describeHeld } from "../terminal/describe-held.ts";
import { describeKept } from "../terminal/describe-summary.ts";
import { describeUnmapped } from "../terminal/describe-unmapped.ts";
import { paint, type Style } from "../terminal/paint.ts";
import { table } from "../terminal/table.ts";

/** Prints the state of the connector, from its database alone. Returns the exit status. */
export async function status(options: CommonOptions & { json?: true }): Promise<number> {
  const { config, secrets } = await loadConfig(options.config);
  hideSecrets(secrets);
  if (!isServer(config.database) && !existsSync(config.database)) {
    throw new Failure("surroundings", `There is no database in ${config.database} yet.`, {
      hint: "The first sync makes it: pipedrive-planhat sync.",
    });
  }
  const database = await openDatabase(config.database);
  try {
    const told = await toldStatus(database, config);
    const { unmapped, alerts, retention, ...found } = told;
    if (options.json) await writeMessage(told);
    else {
      const lines = [
        ...describeStatus(found),
        ...describeUnmapped(unmapped),
        ...describeAlerts(alerts),
        ...describeRetention(retention),
      ];
      for (const line of lines) await writeLine(withoutSecrets(line));
    }
    return 0;
  } finally {
    await database.close();
  }
}

/** The state of the connector under the names that scripts read. */
export interface ToldStatus extends Status {
  unmapped: UnmappedField[];
  alerts: AlertStatus;
  /** The time for which values are kept beyond rows and changes: `90d` or `never`. */
  retention: { rejected: string; conflicts: string; deleted_records: string };
}

/** Reads what `status --json` prints. */
export async function toldStatus(database: Database, config: Config): Promise<ToldStatus> {
  const found = await readStatus(database);
  const { rejected = "never", conflicts = "never", deleted_records = "never" } = config.retention ?? {};
  return {
    ...found,
    unmapped: await unmappedOf(database, config),
    alerts: await readAlertStatus(database, config),
    retention: { rejected, conflicts, deleted_records },
  };
}

/** Returns the unmapped fields. A mapping with errors gives none: the commands that use it report them. */
async function unmappedOf(database: Database, config: Config): Promise<UnmappedField[]> {
  try {
    const catalog = (await readCatalogEntry(database, "account")) as AccountCatalog | undefined;
    return await readUnmapped(
      database,
      loadMapping(config, catalog, () => {}),
    );
  } catch (error) {
    if (error instanceof Failure && error.kind === "usage") return [];
    throw error;
  }
}

/** Returns the reasons of rejections as lines of text, most frequent first. */
export function describeReasons(reasons: Status["reasons"]): string[] {
  return table(
    reasons.map(({ stream, reason, count }) => [count, stream, reason]),
    { heads: false },
  );
}

/** Styles of the states in which a run ended; a running one has none. */
const runStyles: Readonly<Record<string, Style>> = {
  succeeded: "good",
  partial: "warning",
  failed: "bad",
  held: "bad",
};

function describeQueue({ events, syncs, dead_letters, oldest_event }: Status["queue"]): string[] {
  const since = oldest_event === null ? "" : `, the oldest since ${instantAgo(oldest_event)}`;
  const waiting = `Waiting for serve: ${events} events${since}; ${syncs} requested syncs.`;
  const givenUp = `Given up by serve: ${dead_letters}. rejections retry requeues them.`;
  return [...(events + syncs > 0 ? [waiting] : []), ...(dead_letters > 0 ? [givenUp] : [])];
}

/** Returns the retention as a line of text; none if nothing is limited. */
function describeRetention({ rejected, conflicts, deleted_records: deleted }: ToldStatus["retention"]): string[] {
  if ([rejected, conflicts, deleted].every((one) => one === "never")) return [];
  return [`Retention: rejected values ${rejected}, conflicts ${conflicts}, deleted records ${deleted}.`];
}

function describeAlerts({ active, channels }: AlertStatus): string[] {
  const now = active.map(({ condition, since }) => `${condition} since ${instantAgo(since)}`);
  const silent = channels.flatMap(({ channel, problem, since }) =>
    problem === null
      ? []
      : [
          paint(
            `The alert channel ${channel} has not taken the last message since ${since === null ? "then" : instantAgo(since)}: it ${problem}.`,
            "bad",
          ),
        ],
  );
  if (now.length === 0 && silent.length === 0) return [];
  return ["", ...(now.length === 0 ? [] : [paint(`Alerts: ${now.join(", ")}.`, "warning")]), ...silent];
}

function describeStatus({
  problems,
  runs,
  freshness,
  read,
  kept,
  backlog,
  queue,
  rejections,
  dismissed,
  reasons,
  latest_rejections,
  held,
  forgetting,
  conflicts,
  latest_conflicts,
  budget,
}: Status): string[] {
  const runRows = runs.map((run) => [
    instantAgo(run.started_at),
    run.mode,
    { cell: run.status, style: runStyles[run.status] },
    run.finished_at === null ? "" : formatInstant(run.finished_at),
    run.error ?? "",
  ]);
  const rejectionRows = latest_rejections.map((one) => [
    instantAgo(one.since),
    rejectedRecordText(one),
    one.field ?? "",
    one.reason,
  ]);
  const conflictRows = latest_conflicts.map(({ since, stream, record_id, field, pipedrive, planhat, winner }) => [
    instantAgo(since),
    `${stream} ${record_id}`,
    field,
    JSON.stringify(pipedrive),
    JSON.stringify(planhat),
    winner === "planhat" ? "Planhat" : "Pipedrive",
  ]);
  return [
    ...problems.map((problem) => paint(problem, "bad")),
    ...(problems.length === 0 ? [] : [""]),
    ...(runs.length === 0
      ? ["No sync has run yet."]
      : table([["started", "mode", "status", "finished", ""], ...runRows])),
    "",
    ...table([
      ["stream", "last read", "newest change found"],
      ...listedStreams.map((stream) => {
        const { at, complete } = read[stream];
        if (at === null) return [stream, { cell: "never read by sync", style: "quiet" as const }, ""];
        return [
          stream,
          complete ? instantAgo(at) : { cell: `${instantAgo(at)}, incomplete`, style: "warning" as const },
          freshness[stream] === null ? "none" : instantAgo(freshness[stream]),
        ];
      }),
    ]),
    "",
    `Backlog: ${backlog} records landed and not applied. Conflicts: ${conflicts}.`,
    ...(conflictRows.length === 0
      ? []
      : [
          "Changed on both sides, the newest:",
          ...table([["since", "record", "field", "Pipedrive", "Planhat", "won"], ...conflictRows]),
          "",
        ]),
    ...describeHeld(held),
    ...(forgetting === 0
      ? []
      : [
          paint(
            `End users of forgotten persons still to be deleted in Planhat: ${forgetting}; the next sync does.`,
            "warning",
          ),
        ]),
    ...describeKept(kept).filter((line) => line !== ""),
    ...describeQueue(queue),
    `API budget used today (UTC): ${budget.tokens} tokens in ${budget.requests} requests.`,
    paint(`Rejections: ${rejections}`, rejections > 0 ? "warning" : undefined) +
      (dismissed > 0 ? ` (and ${dismissed} dismissed)` : ""),
    ...describeReasons(reasons),
    ...(rejectionRows.length === 0
      ? []
      : [
          "",
          "The newest:",
          ...table([["since", "record", "field", "reason"], ...rejectionRows]),
          "",
          paint("explain <stream> <id> explains one record; rejections list shows every rejection.", "quiet"),
        ]),
  ];
}
