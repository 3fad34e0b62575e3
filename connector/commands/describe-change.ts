import type { Json } from "../mapping/value.ts";
import type { Decision } from "../sync/decide-candidate.ts";
import { paint } from "./paint.ts";

const longest = 48;

/** A decision about a row as lines for people, field by field; none when nothing changes. */
export function describeChange({ action, movedFrom, rejections }: Decision): string[] {
  const row = `${action.model} ${action.sourceId}`;
  const refusals = rejections.map(
    ({ field, reason }) => `${paint("!", "bad")} ${row}${field === null ? "" : ` ${field}`}: rejected, ${reason}`,
  );
  if (action.action === "create") {
    const fields = Object.entries(action.fields).map(([field, { to }]) => `    ${field}: ${shown(to)}`);
    const from = movedFrom === undefined ? "" : ` (was a ${movedFrom}, which is removed)`;
    return [`${paint("+", "good")} ${row} created${from}`, ...fields, ...refusals];
  }
  if (action.action === "update") {
    const fields = Object.entries(action.fields).map(
      ([field, { from, to }]) => `    ${field}: ${shown(from)} → ${shown(to)}`,
    );
    return [`${paint("~", "warning")} ${row} updated`, ...fields, ...refusals];
  }
  return refusals;
}

function shown(value: Json): string {
  const text = JSON.stringify(value);
  return text.length > longest ? `${text.slice(0, longest - 1)}…` : text;
}
