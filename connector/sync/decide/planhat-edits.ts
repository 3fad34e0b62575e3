import type { Because, RowWrite, StoredRow } from "../../database/row.ts";
import type { PublishedCompany } from "../../database/rows/published.ts";
import type { FieldConflict } from "../../database/tables/conflicts.ts";
import { dayOf } from "../../mapping/day.ts";
import { decimalOf, decimalText } from "../../mapping/decimal.ts";
import type { Json, JsonObject } from "../../mapping/value.ts";
import { columnJson, columnValue } from "../../planhat/column-value.ts";
import { models } from "../../planhat/models.ts";
import { richText, richTexts } from "../../planhat/rich-text.ts";
import { sameLabel, valueByLabel } from "../../text/label-text.ts";
import { isNestedDeeper } from "../../text/nesting.ts";

/** The effect of a company that was read back on its row. */
export interface CompanyEdit {
  /** The write; undefined if the row stays unchanged. */
  write: RowWrite | undefined;
  /** Planhat's present values of all that it was given; undefined if they are the given ones. */
  content: JsonObject | undefined;
  conflicts: FieldConflict[];
}

/** A company as Planhat has it, its row, and the fields that are compared. */
export interface EditedSides {
  company: JsonObject;
  row: StoredRow;
  fields: readonly string[];
  /** The side whose value is taken if both changed. */
  winner: Side;
  /** The values that an undo took back. */
  taken?: TakenBack | undefined;
}

/**
 * Compares a company in Planhat with its last published content: a difference was changed in Planhat and goes into the
 * row. If the row was changed too, `winner` decides, and a conflict is recorded. Checks only `fields`, which may be
 * sent. Values that only look different (`"1"` and 1, blanks, null, absent and "") are no change.
 */
export function companyEdit(sides: EditedSides, { content }: Pick<PublishedCompany, "content">): CompanyEdit {
  return compare(sides, content, (own, given) => !looksSame(own, given));
}

/**
 * Compares a company that Planhat had before the connector published it: all its values are Planhat's own. Values in
 * `agreed`, the link's base, come from Pipedrive, including nulls; for other fields Planhat's value is taken.
 */
export function adoptedEdit(sides: EditedSides, agreed: JsonObject | undefined): CompanyEdit {
  const isSaid = (own: Json, _given: Json, field: string) =>
    own !== null || (agreed !== undefined && Object.hasOwn(agreed, field));
  return compare(sides, {}, isSaid);
}

/** The value that an undo took back and the one that it restored, by field of a company. */
export type TakenBack = ReadonlyMap<string, { taken: Json; restored: Json }>;

/**
 * Returns the fields without those that hold a published value which an undo took back: that is not an edit in Planhat.
 */
function withoutTaken({ company, row, fields, taken: held }: EditedSides): readonly string[] {
  if (held === undefined || held.size === 0) return fields;
  return fields.filter((field) => {
    const one = held.get(field);
    if (one === undefined || !looksSame(rowValue(row, field), one.restored)) return true;
    return !looksSame(fieldOf(company, field), asPlanhatKeeps(field, one.taken));
  });
}

/** Returns the write of Planhat's edit, with its reason; none if there is nothing to write. */
export function fromPlanhat(write: RowWrite | undefined, by?: "adopted"): RowWrite[] {
  const because: Because = { from: "planhat", ...(by === undefined ? {} : { by }) };
  return write === undefined ? [] : [{ ...write, because: () => because }];
}

type Side = "pipedrive" | "planhat";

function compare(
  sides: EditedSides,
  content: JsonObject,
  isChanged: (own: Json, given: Json, field: string) => boolean,
): CompanyEdit {
  const { company, row, winner } = sides;
  const edit: CompanyEdit = { write: undefined, content: undefined, conflicts: [] };
  for (const field of withoutTaken(sides)) {
    const now = fieldOf(company, field);
    const given = fieldOf(content, field);
    // No user enters values so deep, and Postgres could not store them.
    if (isNestedDeeper(now)) continue;
    if (looksSame(now, given)) continue;
    const stored = storable(field, now);
    if (stored === undefined) continue;
    edit.content ??= { ...content };
    setValue(edit.content, field, stored.json);
    const own = rowValue(row, field);
    if (looksSame(now, asPlanhatKeeps(field, own))) continue;
    if (isChanged(own, given, field)) {
      edit.conflicts.push({ field, base: given, pipedrive: own, planhat: now, winner });
      if (winner === "pipedrive") continue;
    }
    edit.write ??= { sourceId: row.sourceId, columns: {} };
    if (field.startsWith(prefix))
      edit.write.custom = { ...edit.write.custom, [field.slice(prefix.length)]: stored.json };
    else edit.write.columns[models.company.get(field)!.column] = stored.text;
  }
  return edit;
}

const prefix = "custom.";

/**
 * Returns a company's value; null if it has none. References may come as objects with an `_id` (Planhat API, read
 * shapes).
 */
function fieldOf(company: JsonObject, field: string): Json {
  const custom = company["custom"];
  const value = field.startsWith(prefix) ? ownValue(custom, field.slice(prefix.length)) : company[field];
  if (value === undefined || value === "") return null;
  if (value !== null && typeof value === "object" && !Array.isArray(value) && typeof value["_id"] === "string") {
    return value["_id"];
  }
  return value;
}

/** Returns a value as Planhat stores it: a rich text in the reduced form in which it was sent. */
function asPlanhatKeeps(field: string, value: Json): Json {
  return typeof value === "string" && richTexts.has(field) ? richText(value) : value;
}

function rowValue(row: StoredRow, field: string): Json {
  if (field.startsWith(prefix)) return ownValue(row.custom, field.slice(prefix.length)) ?? null;
  const property = models.company.get(field)!;
  return columnJson(property, row.columns[property.column] ?? null);
}

/** Returns the value as the row stores it. Undefined if it cannot, and for null if Planhat itself requires a value. */
function storable(field: string, value: Json): { text: string | null; json: Json } | undefined {
  if (field.startsWith(prefix)) return { text: null, json: value };
  const property = models.company.get(field)!;
  if (value === null) return property.required ? undefined : { text: null, json: null };
  const result = columnValue(property, value);
  return "text" in result ? { text: result.text, json: columnJson(property, result.text) } : undefined;
}

function setValue(content: JsonObject, field: string, value: Json): void {
  if (!field.startsWith(prefix)) content[field] = value;
  else {
    const custom = (content["custom"] ?? {}) as JsonObject;
    const name = field.slice(prefix.length);
    const spelled = Object.keys(custom).find((own) => sameLabel(own, name)) ?? name;
    content["custom"] = { ...custom, [spelled]: value };
  }
}

function ownValue(custom: Json | undefined, name: string): Json | undefined {
  if (custom === null || typeof custom !== "object" || Array.isArray(custom)) return undefined;
  return valueByLabel(custom, name);
}

/** Returns whether two values mean the same to a user. */
function looksSame(one: Json, other: Json): boolean {
  return plain(one) === plain(other);
}

function plain(value: Json): string {
  if (value === null || value === "") return "";
  if (typeof value === "object" && Object.keys(value).length === 0) return "";
  if (Array.isArray(value)) return JSON.stringify(value.map(plain));
  if (typeof value === "object") {
    return JSON.stringify(
      Object.keys(value)
        .sort()
        .map((key) => [key, plain(value[key]!)]),
    );
  }
  const text = String(value).replace(/\s+/g, " ").trim();
  const decimal = typeof value === "boolean" ? undefined : decimalOf(typeof value === "number" ? value : text);
  if (decimal !== undefined) return decimalText(decimal);
  // Planhat returns a day as its first instant.
  return /^\d{4}-\d\d-\d\dT00:00:00(\.0+)?Z$/.test(text) ? (dayOf(text) ?? text) : text;
}
