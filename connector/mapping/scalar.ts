import { type Rejected, rejected, shown } from "./outcome.ts";
import type { Json } from "./value.ts";

/** The types of single values in records. */
export type ScalarType = "string" | "number" | "integer" | "boolean";

/** A number as JSON writes it, with no more digits than a double holds. */
const numeral = /^-?(?:0|[1-9]\d{0,14})(?:\.\d{1,9})?$/;

/**
 * Converts a value to its field's type if the meaning is the same: `"3"` is 3, 3 is `"3"`, `"true"` is true. Any other
 * value is returned unchanged.
 */
export function inType(type: ScalarType, value: Json): Json {
  switch (type) {
    case "string":
      return typeof value === "number" ? String(value) : value;
    case "boolean":
      return value === "true" ? true : value === "false" ? false : value;
    default:
      return typeof value === "string" && isNumeral(type, value) ? Number(value) : value;
  }
}

function isNumeral(type: ScalarType, text: string): boolean {
  return numeral.test(text) && (type === "number" || Number.isSafeInteger(Number(text)));
}

const words: Readonly<Record<ScalarType, string>> = {
  string: "a text",
  number: "a number",
  integer: "a whole number",
  boolean: "true or false",
};

/**
 * Rejects a single value that is not of its field's type and cannot be converted to it; undefined for any other value.
 */
export function mistyped(type: ScalarType, key: string, value: Json | undefined): Rejected | undefined {
  if (value === undefined || value === null || value === "" || typeof value === "object") return undefined;
  const fits = type === "integer" ? Number.isSafeInteger(value) : typeof value === type;
  return fits ? undefined : rejected(`${key}: expected ${words[type]}, found ${shown(value)}`);
}
