import type { Session } from "../../database/database.ts";
import { Failure } from "../../failure.ts";
import type { ModelName } from "../../model-name.ts";
import { writeLine, writeMessage } from "../../protocol/standard-output.ts";
import { withoutSecrets } from "../../secrets.ts";
import type { StreamName } from "../../stream-name.ts";
import { type RecordHistory, readHistory } from "../../sync/inspect/read-history.ts";
import { formatInstant } from "../../text/instant.ts";
import type { CommonOptions } from "../common-options.ts";
import { withHistoryOf } from "../opening/with-database.ts";
import { shownValue } from "../terminal/describe-change.ts";
import { oneLine } from "../terminal/display-text.ts";
import { paint } from "../terminal/paint.ts";
import { describeAction, describeReason, describeRun, describeValues, listedChange } from "./describe-changes.ts";
import { listedHold } from "./holds.ts";

/** The options of `history`. */
export interface HistoryOptions extends CommonOptions {
  /** The maximum number of events shown in text: the latest ones. */
  limit: number;
  json?: true;
}

/**
 * Prints the history of one record and its row: every value with the run that wrote it, sends, publications, conflicts,
 * rejections, holds. Returns the exit status.
 */
export async function history(word: StreamName | ModelName, id: string, options: HistoryOptions): Promise<number> {
  return withHistoryOf(options, async (database) => {
    const { found, events } = await storyOf(database, word, id);
    if (options.json) await writeMessage(historyJson(found, events));
    else for (const line of describeHistory(found, events, options.limit)) await writeLine(withoutSecrets(line));
    return 0;
  });
}

/** Reads the history of one record and its row. Throws a Failure of kind `usage` if there is none. */
async function storyOf(
  database: Session,
  word: StreamName | ModelName,
  id: string,
): Promise<{ found: RecordHistory; events: HistoryEvent[] }> {
  const found = await readHistory(database, word, id);
  const events = eventsOf(found);
  if (found.rows.length + events.length > 0) return { found, events };
  throw new Failure("usage", `There is no row of ${word} ${JSON.stringify(id)}, and no history of one.`, {
    hint: `\`pipedrive-planhat explain ${found.stream} <id>\` says why a record is not in Planhat.`,
  });
}

/** Reads what `history --json` prints. */
export async function toldHistory(database: Session, word: StreamName | ModelName, id: string): Promise<ToldHistory> {
  const { found, events } = await storyOf(database, word, id);
  return historyJson(found, events);
}

/** An event of a history under the names that scripts read: a change, conflict, rejection, hold or kept row. */
export interface ToldEvent {
  action: string;
  at: string;
  [detail: string]: unknown;
}

/** A history under the names that scripts read. */
export interface ToldHistory {
  stream: StreamName;
  id: string;
  rows: { model: ModelName; row_id: string; name: string | null }[];
  events: ToldEvent[];
}

/** An event in a record's history, as JSON and as lines of text. */
interface HistoryEvent {
  at: string;
  json: ToldEvent;
  lines: string[];
}

function eventsOf({
  changes,
  conflicts,
  rejections,
  holds,
  kept,
  runs,
  titles,
  models,
}: RecordHistory): HistoryEvent[] {
  const by = (runId: string | null) => (runId === null ? "" : ` · ${describeRun(runId, runs.get(runId))}`);
  const several = models.length > 1;
  return [
    ...changes.map((change): HistoryEvent => {
      const { text, style } = describeAction(change);
      const reason = describeReason(change.because, titles);
      const own = several ? `${change.model} ` : "";
      const head = `${own}${paint(text, style)}${by(change.runId)}${reason === "" ? "" : ` · ${reason}`}`;
      const { startedBy, mapping } = runs.get(change.runId) ?? { startedBy: null, mapping: null };
      const deals = ((change.because?.["deals"] ?? []) as number[]).map((id) => ({
        id,
        title: titles.get(id) ?? null,
      }));
      const json = { ...listedChange(change), started_by: startedBy, mapping, ...(deals.length > 0 ? { deals } : {}) };
      return { at: change.at, json, lines: [head, ...(change.action === "create" ? [] : describeValues(change))] };
    }),
    ...conflicts.map(({ at, field, pipedrive, planhat, base, winner, runId }): HistoryEvent => {
      const lost = winner === "planhat" ? "Planhat's stays" : "Pipedrive's is taken";
      const values = `Pipedrive ${shownValue(pipedrive)}, Planhat ${shownValue(planhat)}: ${lost}`;
      return {
        at,
        json: { action: "conflict", at, run: runId, field, base, pipedrive, planhat, winner },
        lines: [`${paint("conflict", "bad")}${by(runId)}`, `    ${oneLine(field)}: ${values}`],
      };
    }),
    ...rejections.map(
      ({ id, since, field, reason, stage, runId }): HistoryEvent => ({
        at: since,
        json: { action: "rejection", id, at: since, run: runId, field, stage, reason },
        lines: [
          `${paint("rejected", "bad")}${by(runId)}`,
          `    ${field === null ? "" : `${oneLine(field)}: `}${oneLine(reason)}`,
        ],
      }),
    ),
    ...holds.map((hold): HistoryEvent => {
      const what =
        hold.field === null
          ? "the row"
          : `${oneLine(hold.field)} stays ${shownValue(hold.restored)}, not ${shownValue(hold.taken)}`;
      return {
        at: hold.since,
        json: { action: "hold", at: hold.since, ...listedHold(hold) },
        lines: [`${paint("held", "warning")}${by(hold.runId)}`, `    ${what}`],
      };
    }),
    ...(kept === undefined
      ? []
      : [
          {
            at: kept.since,
            json: { action: "kept", at: kept.since, reason: kept.reason },
            lines: [`${paint("kept", "warning")}: its deal does not sync any more (${kept.reason}), and the row stays`],
          },
        ]),
  ].sort((one, other) => (one.at < other.at ? -1 : one.at > other.at ? 1 : 0));
}

function historyJson({ stream, id, rows }: RecordHistory, events: readonly HistoryEvent[]): ToldHistory {
  const now = rows.map(({ model, rowId, name }) => ({ model, row_id: rowId, name }));
  return { stream, id, rows: now, events: events.map(({ json }) => json) };
}

function describeHistory(
  { stream, id, rows, changes }: RecordHistory,
  all: readonly HistoryEvent[],
  limit: number,
): string[] {
  const now = rows.map(({ model, rowId, name }) => `${model} row ${rowId}${name === null ? "" : `, ${oneLine(name)}`}`);
  const lines = [paint(`${stream} ${oneLine(id)}: ${now.length === 0 ? "no row now" : now.join("; ")}`, "strong"), ""];
  const events = all.slice(-limit);
  const left = all.length - events.length;
  if (left > 0) lines.push(`${left} earlier are left out: --limit shows more, --json all.`, "");
  for (const { at, lines: own } of events)
    lines.push(`${paint(formatInstant(at), "quiet")}  ${own[0]}`, ...own.slice(1));
  if (rows.length > 0 && !changes.some(({ action }) => action === "create"))
    lines.push("", "How its row came to be is not kept: it is older than the changes that are.");
  return lines;
}
