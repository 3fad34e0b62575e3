import type { Column, TextRow } from "../../database/look/reading.ts";
import { valueText } from "./value-text.ts";

/** Object ids of types (pg_type.dat), grouped by the JSON form of their values. */
const bool = 16;
const int8 = 20;
const numeric = 1700;
const doubles = new Set([21, 23, 26, 700, 701, numeric, int8]);
const json = new Set([114, 3802]);

/** Element types of arrays; an array of any other type stays the text that Postgres sends. */
const elementTypes: ReadonlyMap<number, number> = new Map([
  [1000, bool],
  [1005, 21],
  [1007, 23],
  [1016, int8],
  [1021, 700],
  [1022, 701],
  [1231, numeric],
  [1009, 25],
  [1015, 1043],
  [1003, 19],
  [199, 114],
  [3807, 3802],
  [1182, 1082],
  [1115, 1114],
  [1185, 1184],
  [2951, 2950],
]);

/** Digits up to which a double holds every number exactly. */
const exactDigits = 15;

/**
 * Characters that may control a terminal or break a line; they occur only in JSON strings, where an escape is
 * equivalent.
 */
const unsafe = /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/** Parses an array's text into nested lists of texts and nulls. */
export type ParseArray = (text: string) => unknown;

/** Returns a function that writes rows with these columns as JSON objects, one line each. */
export function jsonObjects(columns: readonly Column[], parseArray: ParseArray): (row: TextRow) => string {
  const keys = uniqueNames(columns.map(({ name }) => name)).map((name) => JSON.stringify(name));
  return (row) => {
    const members = row.map((text, index) => `${keys[index]}:${jsonValue(text, columns[index]!.type, parseArray)}`);
    return escapeUnsafe(`{${members.join(",")}}`);
  };
}

/** Returns unique names: a repeated one gets a number, `id`, `id_2`. */
export function uniqueNames(names: readonly string[]): string[] {
  const taken = new Set(names);
  const seen = new Set<string>();
  return names.map((name) => {
    let unique = name;
    for (let number = 2; seen.has(unique) || (unique !== name && taken.has(unique)); number++) {
      unique = `${name}_${number}`;
    }
    seen.add(unique);
    return unique;
  });
}

function jsonValue(text: string | null, type: number, parseArray: ParseArray): string {
  if (text === null) return "null";
  if (type === bool) return text === "t" ? "true" : "false";
  // The type json keeps its original line ends.
  if (json.has(type)) return text.replace(/[\n\r\t]/g, " ");
  if (doubles.has(type) && isExact(text, type)) return text;
  const element = elementTypes.get(type);
  if (element === undefined) return JSON.stringify(valueText(text, type));
  return jsonList(parseArray(text), element, parseArray);
}

function jsonList(value: unknown, element: number, parseArray: ParseArray): string {
  if (!Array.isArray(value)) return jsonValue(value as string | null, element, parseArray);
  return `[${value.map((one) => jsonList(one, element, parseArray)).join(",")}]`;
}

/** Returns whether a number survives in a program that uses doubles. NaN and infinity do not exist in JSON. */
function isExact(text: string, type: number): boolean {
  if (!/\d/.test(text)) return false;
  if (type === int8) return Number.isSafeInteger(Number(text));
  return type !== numeric || text.replace(/\D/g, "").length <= exactDigits;
}

function escapeUnsafe(text: string): string {
  return text.replace(unsafe, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
