import type { UnmappedField } from "../../sync/runs/unmapped-fields.ts";
import { counted } from "../../text/counted.ts";
import { oneLine } from "./display-text.ts";

/** Returns the unmapped fields that keep the connector's values, as lines of text; none if there are none. */
export function describeUnmapped(fields: readonly UnmappedField[]): string[] {
  if (fields.length === 0) return [];
  return [
    `No longer mapped, and kept as the connector wrote them: ${listed(fields)}.`,
    "`pipedrive-planhat remap --clear-unmapped` clears them.",
  ];
}

/** Returns the fields with their models and rows: `custom.Tier of company (12 rows)`. */
export function listed(fields: readonly UnmappedField[]): string {
  return fields.map(({ model, field, rows }) => `${oneLine(field)} of ${model} (${counted(rows, "row")})`).join(", ");
}
