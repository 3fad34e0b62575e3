import type { Json } from "../../mapping/value.ts";
import type { Decision, FieldChange } from "../../sync/decision.ts";
import { oneLine } from "./display-text.ts";
import { paint } from "./paint.ts";

const longest = 48;

/** Returns a decision about a row as lines of text, one per field; none if nothing changes. */
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

/** Returns the sign before a change, as in a diff. */
export function sign(action: "create" | "update" | "delete"): string {
  if (action === "create") return paint("+", "good");
  return action === "update" ? paint("~", "warning") : paint("-", "bad");
}

/** Returns the fields of a change as lines: the value of a new or removed row, otherwise old → new. */
export function describeFields(
  action: "create" | "update" | "delete",
  fields: Readonly<Record<string, FieldChange>>,
  show: (field: string, value: Json) => string = (_field, value) => shownValue(value),
): string[] {
  return Object.entries(fields).map(([field, { from, to }]) => {
    if (action === "create") return `    ${oneLine(field)}: ${show(field, to)}`;
    if (action === "delete") return `    ${oneLine(field)}: ${show(field, from)}`;
    return `    ${oneLine(field)}: ${show(field, from)} → ${show(field, to)}`;
  });
}

/** Returns one line with the rejected part of a row (`company 257`) or record, and the reason. */
export function describeRejection(row: string, field: string | null, reason: string): string {
  return `${paint("!", "bad")} ${row}${field === null ? "" : ` ${field}`}: rejected, ${oneLine(reason)}`;
}

/** Returns a value as JSON in one line, cut if it is long. */
export function shownValue(value: Json): string {
  const text = oneLine(JSON.stringify(value));
  return text.length > longest ? `${text.slice(0, longest - 1)}…` : text;
}
