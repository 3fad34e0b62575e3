import type { Json } from "../mapping/value.ts";
import type { Decision, FieldChange } from "../sync/decision.ts";
import { oneLine } from "./display-text.ts";
import { paint } from "./paint.ts";

const longest = 48;

/** A decision about a row as lines for people, field by field; none when nothing changes. */
export function describeChange({ action, movedFrom, rejections }: Decision): string[] {
  const row = `${action.model} ${action.sourceId}`;
  const refusals = rejections.map(({ field, reason }) => describeRejection(row, field, reason));
  if (action.action === "create") {
    const from = movedFrom === undefined ? "" : ` (was a ${movedFrom}, which is removed)`;
    return [`${sign("create")} ${row} created${from}`, ...describeFields("create", action.fields), ...refusals];
  }
  if (action.action === "update") {
    return [`${sign("update")} ${row} updated`, ...describeFields("update", action.fields), ...refusals];
  }
  return refusals;
}

/** What stands before a change, as in a diff. */
export function sign(action: "create" | "update" | "delete"): string {
  if (action === "create") return paint("+", "good");
  return action === "update" ? paint("~", "warning") : paint("-", "bad");
}

/** The fields of a change as lines: the value of a new row, what goes with one that is removed, old → new otherwise. */
export function describeFields(
  action: "create" | "update" | "delete",
  fields: Readonly<Record<string, FieldChange>>,
  show: (field: string, value: Json) => string = (_field, value) => shown(value),
): string[] {
  return Object.entries(fields).map(([field, { from, to }]) => {
    if (action === "create") return `    ${oneLine(field)}: ${show(field, to)}`;
    if (action === "delete") return `    ${oneLine(field)}: ${show(field, from)}`;
    return `    ${oneLine(field)}: ${show(field, from)} → ${show(field, to)}`;
  });
}

/** One line that says what was rejected of a row (`company 257`) or record, and why. */
export function describeRejection(row: string, field: string | null, reason: string): string {
  return `${paint("!", "bad")} ${row}${field === null ? "" : ` ${field}`}: rejected, ${oneLine(reason)}`;
}

/** A value as JSON in one line, cut where it is long. */
export function shown(value: Json): string {
  const text = oneLine(JSON.stringify(value));
  return text.length > longest ? `${text.slice(0, longest - 1)}…` : text;
}
