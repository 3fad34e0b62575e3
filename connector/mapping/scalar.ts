import { type Rejected, rejected, shown } from "./outcome.ts";
import type { Json } from "./value.ts";

/** The types of single values that records have. */
export type ScalarType = "string" | "number" | "integer" | "boolean";

/** A number as JSON writes it, of no more digits than a double holds. */
const numeral = /^-?(?:0|[1-9]\d{0,14})(?:\.\d{1,9})?$/;

/**
 * A value in the type that its field has, where it says the same in another: `"3"` is 3, 3 is `"3"`, `"true"` is true.
 * Whatever says something else, or is no single value, stays as it is.
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

/** Why a single value is refused that is not of its field's type and says the same in no other; undefined for any other value. */
export function mistyped(type: ScalarType, key: string, value: Json | undefined): Rejected | undefined {
  if (value === undefined || value === null || value === "" || typeof value === "object") return undefined;
  const fits = type === "integer" ? Number.isSafeInteger(value) : typeof value === type;
  return fits ? undefined : rejected(`${key}: expected ${words[type]}, found ${shown(value)}`);
}
