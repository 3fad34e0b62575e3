import { dayOf, instantOf } from "../mapping/day.ts";
import { decimalOf, decimalText } from "../mapping/decimal.ts";
import type { Json } from "../mapping/value.ts";
import { unstorable, unstorableJson } from "../text/storable-text.ts";
import type { ModelProperty } from "./models.ts";

/** A value as its column's text, or the reason why the column cannot hold it. */
export type ColumnValue = { text: string } | { reason: string };

/**
 * Returns a mapped value in the form in which its column stores and compares it: numbers as plain decimals, dates as
 * `YYYY-MM-DD`, instants in UTC, lists and objects as JSON. Never guesses: a value that does not fit is rejected with a
 * reason.
 */
export function columnValue(property: ModelProperty, value: Exclude<Json, null>): ColumnValue {
  const result = readValue(property, value);
  if ("reason" in result) return result;
  const problem = jsonTypes.has(property.type) ? unstorableJson(result.text) : unstorable(result.text);
  return problem === undefined ? result : { reason: `it ${problem}` };
}

/** Returns the reason why a custom field cannot be stored as JSON; undefined if it can. */
export function unstorableCustom(value: Exclude<Json, null>): string | undefined {
  const problem = unstorableJson(JSON.stringify(value));
  return problem === undefined ? undefined : `it ${problem}`;
}

const jsonTypes: ReadonlySet<string> = new Set(["array", "object"]);

function readValue(property: ModelProperty, value: Exclude<Json, null>): ColumnValue {
  switch (property.type) {
    case "string":
      return text(value);
    case "number":
    case "integer":
      return number(property, value);
    case "boolean":
      return typeof value === "boolean" ? { text: String(value) } : refuse(value, "is not true or false", "boolean");
    case "date":
      return instant(value, dayOf, "is not a valid date (YYYY-MM-DD)", "date");
    case "date-time":
      return instant(value, instantOf, "is not a valid date and time", "datetime");
    case "array":
      return { text: JSON.stringify(Array.isArray(value) ? value : [value]) };
    case "object":
      return typeof value === "object" && !Array.isArray(value)
        ? { text: JSON.stringify(value) }
        : { reason: `${shown(value)} is not an object` };
  }
}

/** Converts a column's text to the JSON of its type; a number beyond a double's digits stays text. */
export function columnJson(property: ModelProperty, text: string | null): Json {
  if (text === null) return null;
  switch (property.type) {
    case "number":
    case "integer":
      return String(Number(text)) === text ? Number(text) : text;
    case "boolean":
      return text === "true";
    case "array":
    case "object":
      return JSON.parse(text) as Json;
    default:
      return text;
  }
}

/** Returns true if two column texts of the property are equal in meaning. */
export function sameColumnText(property: ModelProperty, one: string | null, other: string | null): boolean {
  if (one === other) return true;
  if (one === null || other === null) return false;
  if (property.type !== "array" && property.type !== "object") return false;
  return sameJson(JSON.parse(one) as Json, JSON.parse(other) as Json);
}

/** Returns true if two JSON values are equal, whatever the order of their keys. */
export function sameJson(one: Json | undefined, other: Json | undefined): boolean {
  if (one === other) return true;
  if (typeof one !== "object" || typeof other !== "object" || one === null || other === null) return false;
  if (Array.isArray(one) || Array.isArray(other)) {
    if (!Array.isArray(one) || !Array.isArray(other) || one.length !== other.length) return false;
    return one.every((element, index) => sameJson(element, other[index]));
  }
  const keys = Object.keys(one);
  return (
    keys.length === Object.keys(other).length && keys.every((key) => key in other && sameJson(one[key], other[key]))
  );
}

function text(value: Exclude<Json, null>): ColumnValue {
  if (typeof value === "string") return { text: value };
  if (typeof value === "number") return { text: plainDigits(value) ?? String(value) };
  if (typeof value === "boolean") return { text: String(value) };
  return Array.isArray(value)
    ? { reason: `${shown(value)} is a list and the field takes one text; add the transform {join: ", "} or first` }
    : { reason: `${shown(value)} is an object and the field takes text; name one of its parts (a.b)` };
}

function number(property: ModelProperty, value: Exclude<Json, null>): ColumnValue {
  const decimal = typeof value === "number" || typeof value === "string" ? plainDigits(value) : undefined;
  if (decimal === undefined) return refuse(value, "is not a number", "number");
  if (property.type === "integer" && decimal.includes(".")) return refuse(value, "is not a whole number", "{round: 0}");
  if (property.type === "integer" && decimal.replace("-", "").length > 18)
    return { reason: `${shown(value)} is too large` };
  if (property.above !== undefined && Number(decimal) <= property.above) {
    return { reason: `${shown(value)} is not greater than ${property.above}, which Planhat demands` };
  }
  return { text: decimal };
}

/** Returns the canonical text of a number: no exponent, no zeros at its ends. */
function plainDigits(value: number | string): string | undefined {
  if (Number.isSafeInteger(value)) return String(value);
  const decimal = decimalOf(value);
  return decimal === undefined ? undefined : decimalText(decimal);
}

function instant(
  value: Exclude<Json, null>,
  read: (text: string) => string | undefined,
  complaint: string,
  transform: string,
): ColumnValue {
  const result = typeof value === "string" ? read(value) : undefined;
  return result === undefined ? refuse(value, complaint, transform) : { text: result };
}

function refuse(value: Exclude<Json, null>, complaint: string, transform: string): ColumnValue {
  return { reason: `${shown(value)} ${complaint}; see the transform ${transform}` };
}

/** Formats a value for a message: JSON, cut after 60 characters. */
function shown(value: Exclude<Json, null>): string {
  const json = JSON.stringify(value);
  return json.length > 60 ? `${json.slice(0, 59)}…` : json;
}
