import type { FieldConflict } from "../../database/conflicts.ts";
import type { PublishedCompany } from "../../database/published.ts";
import type { Because, RowWrite, StoredRow } from "../../database/row.ts";
import { sameLabel, valueByLabel } from "../../label-text.ts";
import { dayOf } from "../../mapping/day.ts";
import { decimalOf, decimalText } from "../../mapping/decimal.ts";
import type { Json, JsonObject } from "../../mapping/value.ts";
import { isNestedDeeper } from "../../nesting.ts";
import { columnJson, columnValue } from "../../planhat/column-value.ts";
import { models } from "../../planhat/models.ts";
import { richText, richTexts } from "../../planhat/rich-text.ts";

/** What a company that was read back means for its row. */
export interface CompanyEdit {
  /** What to write; undefined when the row stays as it is. */
  write: RowWrite | undefined;
  /** What Planhat has now, of all that it was given: undefined when that is what it was given. */
  content: JsonObject | undefined;
  conflicts: FieldConflict[];
}

/**
 * Compares a company as Planhat has it with what Planhat was given last: what differs was changed in Planhat, and goes
 * into the row. Where the row was changed meanwhile too, `winner` decides, and a conflict is told. Only `fields` are
 * looked at, those that may be sent. What merely looks different (`"1"` and 1, blanks, null, absent and "") is no
 * change.
 */
export function companyEdit(
  company: JsonObject,
  published: Pick<PublishedCompany, "content">,
  row: StoredRow,
  fields: readonly string[],
  winner: Side,
  taken: TakenBack = new Map(),
): CompanyEdit {
  const content = published.content;
  return compare(
    company,
    row,
    withoutTaken(company, row, fields, taken),
    winner,
    content,
    (own, given) => !looksSame(own, given),
  );
}

/**
 * The same for a company that Planhat had before the connector gave it anything: all that it holds is Planhat's own.
 * What `agreed`, the link's base, names comes from Pipedrive, null too; where Pipedrive says nothing, Planhat's value
 * is taken.
 */
export function adoptedEdit(
  company: JsonObject,
  agreed: JsonObject | undefined,
  row: StoredRow,
  fields: readonly string[],
  winner: Side,
  taken: TakenBack = new Map(),
): CompanyEdit {
  const isSaid = (own: Json, _given: Json, field: string) =>
    own !== null || (agreed !== undefined && Object.hasOwn(agreed, field));
  return compare(company, row, withoutTaken(company, row, fields, taken), winner, {}, isSaid);
}

/** By field, what an undo took back of a company, and what it restored. */
export type TakenBack = ReadonlyMap<string, { taken: Json; restored: Json }>;

/** What an undo took back, and Planhat was given before that, is no edit of Planhat's. */
function withoutTaken(
  company: JsonObject,
  row: StoredRow,
  fields: readonly string[],
  held: TakenBack,
): readonly string[] {
  if (held.size === 0) return fields;
  return fields.filter((field) => {
    const one = held.get(field);
    if (one === undefined || !looksSame(rowValue(row, field), one.restored)) return true;
    return !looksSame(fieldOf(company, field), asPlanhatKeeps(field, one.taken));
  });
}

/** A write that takes Planhat's edit in, with its reason; none where there is nothing to write. */
export function fromPlanhat(write: RowWrite | undefined, by?: "adopted"): RowWrite[] {
  const because: Because = { from: "planhat", ...(by === undefined ? {} : { by }) };
  return write === undefined ? [] : [{ ...write, because: () => because }];
}

type Side = "pipedrive" | "planhat";

function compare(
  company: JsonObject,
  row: StoredRow,
  fields: readonly string[],
  winner: Side,
  content: JsonObject,
  isChanged: (own: Json, given: Json, field: string) => boolean,
): CompanyEdit {
  const edit: CompanyEdit = { write: undefined, content: undefined, conflicts: [] };
  for (const field of fields) {
    const now = fieldOf(company, field);
    const given = fieldOf(content, field);
    // Nothing that people enter is so deep, and Postgres could not hold it.
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
 * A value of a company; null where it has none. References may come as objects with an `_id` (Planhat API, read
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

/** Planhat keeps a rich text as it was reduced for it. */
function asPlanhatKeeps(field: string, value: Json): Json {
  return typeof value === "string" && richTexts.has(field) ? richText(value) : value;
}

function rowValue(row: StoredRow, field: string): Json {
  if (field.startsWith(prefix)) return ownValue(row.custom, field.slice(prefix.length)) ?? null;
  const property = models.company.get(field)!;
  return columnJson(property, row.columns[property.column] ?? null);
}

/** The value as the row holds it; undefined when it cannot, and for null where Planhat itself requires a value. */
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

/** True when two values say the same to people. */
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
  // A day that Planhat gives back as its first instant.
  return /^\d{4}-\d\d-\d\dT00:00:00(\.0+)?Z$/.test(text) ? (dayOf(text) ?? text) : text;
}
