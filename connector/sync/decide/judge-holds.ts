import type { Hold } from "../../database/history/holds.ts";
import type { StoredRow } from "../../database/row.ts";
import type { MappingMarks } from "../../mapping/compiled-mapping.ts";
import type { Json, JsonObject, Value } from "../../mapping/value.ts";
import type { ModelName } from "../../model-name.ts";
import { columnJson, columnValue, sameJson } from "../../planhat/column-value.ts";
import { models } from "../../planhat/models.ts";
import { dealOfOwnItem } from "../../source-id.ts";
import type { Candidate, ExistingRows } from "../decision.ts";
import { fieldJson } from "./row-action.ts";

/** The holds of one record, and the marks of the current mapping. */
export interface HeldRecord {
  holds: readonly Hold[];
  marks: MappingMarks;
}

/** The result of judging the holds of one record. */
export interface HeldFields {
  /** Fields that stay unchanged. */
  keep: ReadonlySet<string>;
  /** The row's values in fields whose hold has ended, and which were not changed in Planhat. */
  unchanged: JsonObject;
  /** The ids of holds that have ended. */
  ended: string[];
}

/** The result without holds. */
export const nothingHeld: HeldFields = { keep: new Set(), unchanged: {}, ended: [] };

/**
 * Judges the holds of a record's fields. A hold stands while the record and the mapping give the same value, and the
 * row has the restored one. A hold of a field without a value in the record stays.
 */
export function judgeHolds(
  { holds, marks }: HeldRecord,
  candidate: Candidate,
  existing: StoredRow | undefined,
): HeldFields {
  const { model } = candidate.mapped;
  const keep = new Set<string>();
  const unchanged: JsonObject = {};
  const ended: string[] = [];
  for (const hold of holds) {
    const { model: of, field } = hold;
    if (of !== model || field === null) continue;
    const wanted = wantedOf(candidate, field);
    if (wanted === undefined) continue;
    const state = stateOf(hold, wanted, existing, marks);
    if (state === "stands") keep.add(field);
    else ended.push(hold.id);
    if (state === "over") unchanged[field] = hold.restored;
  }
  return { keep, unchanged, ended };
}

/** The state of a hold: it stands, is over, or its restored value was changed. */
export type HoldState = "stands" | "over" | "edited";

/** Judges the hold of one field of a company that may be sent; undefined if it is not held. */
export function judgeSent(
  held: HeldRecord | undefined,
  field: string,
  pipedrive: Value,
  row: StoredRow,
): { state: HoldState; restored: Json } | undefined {
  const hold = held?.holds.find((one) => one.model === "company" && one.field === field);
  if (hold === undefined) return undefined;
  const value = asKept("company", field, pipedrive);
  const state = stateOf(hold, value === undefined ? {} : { value }, row, held!.marks);
  return { state, restored: hold.restored };
}

function stateOf(
  { model, field, taken, restored, mapping }: Hold,
  { value }: Wish,
  row: StoredRow | undefined,
  marks: MappingMarks,
): HoldState {
  if (row === undefined || !sameJson(heldBy(model, field!, row), restored)) return "edited";
  const isWanted = value !== undefined && sameJson(value, taken);
  return isWanted && marks.field(model, field!) === mapping ? "stands" : "over";
}

/** The circumstances by which a hold of a whole row is judged. */
export interface HeldRow {
  rows: ExistingRows;
  marks: MappingMarks;
  stream: Parameters<MappingMarks["stream"]>[0];
  /** The fingerprint of the record as it landed; undefined if it has not. */
  recordMark: string | undefined;
}

/**
 * Judges a hold of a whole row. A removed row stays away while its record is unchanged (`recordMark`). A deal that
 * moved back stays while it would move to the same model.
 */
export function isRowHeld(
  { model: own, taken, mapping }: Hold,
  candidate: Candidate,
  { rows, marks, stream, recordMark }: HeldRow,
): boolean {
  const { sourceId, recordId } = candidate;
  const has = (model: ModelName) => rows.get(model)?.has(sourceId) === true;
  const madeOf = dealOfOwnItem(recordId) === undefined ? stream : "deals";
  const { model, record } = (taken ?? {}) as { model?: ModelName; record?: string };
  if (model !== undefined) {
    return candidate.mapped.model === model && has(own) && !has(model) && mapping === marks.choice(stream);
  }
  const isAway = [...rows.keys()].every((one) => !has(one));
  return isAway && record !== undefined && record === recordMark && mapping === marks.stream(madeOf);
}

/** Returns a row's value in a field, in the form that changes store. */
export function heldBy(model: ModelName, field: string, row: StoredRow): Json {
  if (field === "companyId") return row.companyId;
  if (field === "externalId") return row.externalId;
  return fieldJson(model, field, row);
}

/** Returns a mapped value in the form that changes store; undefined if its column cannot hold it. */
export function asKept(model: ModelName, field: string, value: Value): Json | undefined {
  if (value.state !== "present") return value.state === "null" ? null : undefined;
  if (field.startsWith("custom.")) return value.value;
  const property = models[model].get(field);
  const result = property === undefined ? undefined : columnValue(property, value.value);
  return result !== undefined && "text" in result ? columnJson(property!, result.text) : undefined;
}

/**
 * Returns the record's value for a field: a value, or `{}` for none; undefined if this record does not set the field.
 */
function wantedOf({ mapped, company, deal, externalId, constants }: Candidate, field: string): Wish | undefined {
  if (field === "dealId") return deal !== undefined && "rowId" in deal ? { value: Number(deal.rowId) } : undefined;
  if (field === "companyId") return company !== undefined && "rowId" in company ? { value: company.rowId } : undefined;
  if (field === "externalId") return externalId === undefined ? undefined : { value: externalId };
  const constant = constants?.[field];
  if (constant !== undefined) return { value: constant };
  const found = mapped.fields.find((one) => one.field === field);
  if (found === undefined) return undefined;
  const value = asKept(mapped.model, field, found.value);
  return value === undefined ? {} : { value };
}

interface Wish {
  value?: Json;
}
