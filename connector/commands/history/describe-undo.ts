import type { UndoneRun } from "../../database/undo/undone-run.ts";
import { tableOf } from "../../model-name.ts";
import type { UndoneRows } from "../../sync/undo/undo-changes.ts";
import type { KeptChange } from "../../sync/undo/undo-summary.ts";
import { counted } from "../../text/counted.ts";
import { formatInstant } from "../../text/instant.ts";
import { shownValue, sign } from "../terminal/describe-change.ts";
import { oneLine } from "../terminal/display-text.ts";
import { paint } from "../terminal/paint.ts";

const mostKept = 20;

/** Returns an undo, planned or done, as lines of text: restored values, values that stay and why, and the totals. */
export function describeUndo(
  { summary, details }: UndoneRows,
  undone: UndoneRun,
  { isDone, created, sent }: { isDone: boolean; created?: true; sent?: true },
): string[] {
  const { id, mode, startedAt } = undone;
  const examples = details.first.map(
    ({ model, sourceId, field, from, to }) =>
      `${sign("update")} ${model} ${sourceId ?? ""} ${oneLine(field)}: ${shownValue(from)} → ${shownValue(to)}`,
  );
  const fields = details.updates.reduce((sum, one) => sum + one.fields, 0);
  return [
    `${isDone ? "Undo of" : "What an undo would do with"} run ${id.slice(0, 8)} (${mode}, ${formatInstant(startedAt)}):`,
    "",
    ...examples,
    ...unshown(fields - examples.length, "fields"),
    ...details.returned.map(
      ({ model, rows }) => `${sign("create")} ${counted(rows, `${model} comes`, `${tableOf[model]} come`)} back`,
    ),
    ...details.removed.map(
      ({ model, rows }) => `${sign("delete")} ${counted(rows, model, tableOf[model])} that the run made`,
    ),
    ...summary.kept.slice(0, mostKept).map(describeKept),
    ...unshown(summary.kept.length - mostKept, "that stay"),
    ...(created !== true && undone.made > 0
      ? [paint(`= ${counted(undone.made, "row")} that the run made: \`--created\` removes them too`, "quiet")]
      : []),
    ...(sent !== true && undone.sent > 0
      ? [paint(`= ${counted(undone.sent, "change")} sent to Pipedrive: \`--sent\` takes them back too`, "quiet")]
      : []),
    "",
    paint(sumLine({ summary, details }, isDone), "strong"),
    ...(isDone ? [] : ["Nothing was written. `--yes` does it."]),
  ];
}

function describeKept({ model, source_id, field, because }: KeptChange): string {
  const what = field === null ? "" : ` ${oneLine(field)}`;
  return `${paint("!", "warning")} ${model} ${source_id ?? "without an id"}${what} stays: ${because}`;
}

function unshown(count: number, what: string): string[] {
  return count > 0 ? [`… and ${count} more ${what}; --json shows all.`] : [];
}

function sumLine({ summary, details }: Pick<UndoneRows, "summary" | "details">, isDone: boolean): string {
  const { removed, sent, held, kept } = summary;
  const sum = (parts: readonly { rows: number }[]) => parts.reduce((all, { rows }) => all + rows, 0);
  const fields = details.updates.reduce((all, one) => all + one.fields, 0);
  const counts = [
    `${counted(fields, "field")} restored in ${counted(sum(details.updates), "row")}`,
    ...(details.returned.length > 0 ? [`${counted(sum(details.returned), "row")} brought back`] : []),
    ...(removed > 0 ? [`${counted(removed, "row")} removed`] : []),
    ...(sent > 0 ? [`${counted(sent, "change")} taken back in Pipedrive`] : []),
    ...(kept.length > 0 ? [`${kept.length} left as they are`] : []),
    ...(held > 0 ? [`${counted(held, "hold")}`] : []),
  ];
  return `${isDone ? "Undone" : "To undo"}: ${counts.join(", ")}.`;
}
