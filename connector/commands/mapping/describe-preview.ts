import type { TraceStep } from "../../mapping/compiled-mapping.ts";
import type { Json } from "../../mapping/value.ts";
import type { FieldOutcome, FieldPreview, RecordPreview } from "../../sync/inspect/preview-record.ts";
import { paint, type Style } from "../terminal/paint.ts";
import { skipWords } from "../terminal/skip-words.ts";
import { table } from "../terminal/table.ts";

const longest = 70;
const places = {
  landing: "as it has landed",
  api: "fresh from Pipedrive, because it has not landed",
  file: "from the file",
};
const actions = {
  create: "a row would be created",
  update: "the row would be updated",
  unchanged: "the row would not change",
  refuse: "the row would be refused",
};

const styles: Partial<Record<FieldOutcome["outcome"], Style>> = {
  changed: "good",
  refused: "bad",
  unchanged: "quiet",
  "not received": "quiet",
  "passed over": "quiet",
  "left alone": "quiet",
};

/** Returns one mapped record as lines of text, one per field. */
export function describePreview(preview: RecordPreview): string[] {
  const { stream, id, from, model, action, skipped, waiting, refused, held, fields } = preview;
  return [
    `${stream} ${id}, ${places[from]} → ${model}: ${actions[action]}`,
    ...(preview.moved_from === null ? [] : [`Its row as a ${preview.moved_from} would be removed.`]),
    ...(skipped === null ? [] : [`A sync leaves it out: ${skipWords[skipped]}.`]),
    ...(waiting === null ? [] : [`A sync holds its row back: ${waiting}.`]),
    ...(held ? ["An undo took its row back, and it stays so: `holds list` shows it."] : []),
    ...(refused === null ? [] : [`Refused for ${refused.field}: ${refused.reason}.`]),
    ...fields.flatMap(describeField),
  ];
}

/** Returns one entry of `fields:` as lines of text: its steps, their result, and the row's value if it is given. */
export function describeField({
  field,
  sources,
  direction,
  column,
  steps,
  result,
  row,
}: FieldPreview & { row?: Json }): string[] {
  const origin = sources.length === 0 ? "constant" : sources.join(", else ");
  const rows = steps.map((step, index) => [`  ${index === 0 ? origin : step.step}`, stateText(step.result)]);
  return [
    "",
    `${paint(field, "strong")} (${direction}) → ${column}`,
    ...table(
      [
        ...rows,
        ["  →", { cell: resultText(result), style: styles[result.outcome] }],
        ...(row === undefined ? [] : [["  row now", shown(row)]]),
      ],
      { heads: false },
    ),
  ];
}

function stateText(result: TraceStep["result"]): string {
  switch (result.state) {
    case "present":
      return shown(result.value);
    case "null":
      return "null: cleared";
    case "empty":
      return "empty: no value";
    case "rejected":
      return `refused: ${result.reason}`;
  }
}

function resultText(result: FieldOutcome): string {
  switch (result.outcome) {
    case "not received":
      return "not written: its direction does not receive";
    case "passed over":
    case "left alone":
      return `left as it is: ${result.reason}`;
    case "refused":
      return `refused: ${result.reason}`;
    case "unchanged":
      return "unchanged";
    case "changed":
      return result.from === null ? shown(result.to) : `${shown(result.from)} → ${shown(result.to)}`;
  }
}

function shown(value: Json): string {
  const text = JSON.stringify(value);
  return text.length > longest ? `${text.slice(0, longest - 1)}…` : text;
}
