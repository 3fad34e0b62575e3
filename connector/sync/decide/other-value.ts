import type { RowWrite, StoredRow } from "../../database/row.ts";
import type { RecordedConflict } from "../../database/tables/conflicts.ts";
import type { CompiledMapping } from "../../mapping/compiled-mapping.ts";
import { sendingFields } from "../../mapping/sending.ts";
import type { Json } from "../../mapping/value.ts";
import { columnValue } from "../../planhat/column-value.ts";
import { models } from "../../planhat/models.ts";
import { sameMeaning } from "./same-meaning.ts";
import { rowValue } from "./three-way-merge.ts";

/** The sides of a conflict, and the field. */
export type DecidedConflict = Pick<RecordedConflict, "field" | "pipedrive" | "planhat" | "winner">;

/** The value that a row has of a field in conflict: the one that won, the other one, or neither any more. */
export type ConflictStand = "won" | "other" | "changed";

/** Returns which side's value a company's row has now. */
export function standOf(conflict: DecidedConflict, row: StoredRow): ConflictStand {
  const now = isKnown(conflict.field) ? rowValue("company", conflict.field, row) : undefined;
  if (now === undefined) return "changed";
  if (sameMeaning(now, conflict[conflict.winner])) return "won";
  return sameMeaning(now, otherValue(conflict)) ? "other" : "changed";
}

/**
 * Returns the write by which a row takes the value that lost. It is an edit in Planhat, which the next merge compares
 * and sends; a reason in words where it cannot be taken.
 */
export function takeOther(
  conflict: DecidedConflict,
  row: StoredRow,
  { organizations }: Pick<CompiledMapping, "organizations">,
): RowWrite | { refused: string } {
  const { field } = conflict;
  const stand = standOf(conflict, row);
  if (stand === "other") return { refused: `${field} has this value already` };
  if (stand === "changed") return { refused: `${field} has changed since, so neither side's value is in the row` };
  if (!sendingFields(organizations).some((one) => one.field === field))
    return { refused: `the mapping does not send ${field}, so Pipedrive's value would come back` };
  const value = otherValue(conflict);
  const write = { sourceId: row.sourceId, columns: {} };
  if (field.startsWith(prefix)) return { ...write, custom: { [field.slice(prefix.length)]: value } };
  const property = models.company.get(field)!;
  if (value === null)
    return property.required
      ? { refused: `Planhat requires ${field}` }
      : { ...write, columns: { [property.column]: null } };
  const result = columnValue(property, value);
  return "text" in result
    ? { ...write, columns: { [property.column]: result.text } }
    : { refused: `Planhat cannot have ${JSON.stringify(value)} as ${field}` };
}

const prefix = "custom.";

function isKnown(field: string): boolean {
  return field.startsWith(prefix) || models.company.has(field);
}

function otherValue({ winner, pipedrive, planhat }: DecidedConflict): Json {
  return winner === "pipedrive" ? planhat : pipedrive;
}
