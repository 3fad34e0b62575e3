/** Any JSON value. */
export type Json = string | number | boolean | null | Json[] | JsonObject;

/** A JSON object. A missing key and a key that holds null have different meanings (contract, section 5). */
export interface JsonObject {
  [key: string]: Json;
}

/** Returns true for a JSON object: neither null nor an array. */
export function isObject(json: Json | undefined): json is JsonObject {
  return typeof json === "object" && json !== null && !Array.isArray(json);
}

/** A field of a record that holds a value. */
export interface Present {
  readonly state: "present";
  readonly value: Exclude<Json, null>;
}
/** A field of a record that was cleared: the row's field becomes NULL. */
export interface Null {
  readonly state: "null";
}
/** A field of a record without a defined value: the row's field is unchanged. */
export interface Empty {
  readonly state: "empty";
}

/** The three states of a field's value, kept apart from the decoder to the column. */
export type Value = Present | Null | Empty;

export const NULL: Null = Object.freeze({ state: "null" });
export const EMPTY: Empty = Object.freeze({ state: "empty" });

/** Wraps a value as present; pass null as NULL. */
export function present(value: Exclude<Json, null>): Present {
  return { state: "present", value };
}

/**
 * Returns the state of a JSON value in a record: undefined, "", [] and {} are empty, null is null, anything else is
 * present. Empty elements of an array are dropped, and an array that loses all of them is empty.
 */
export function toValue(json: Json | undefined): Value {
  if (json === null) return NULL;
  if (json === undefined || json === "") return EMPTY;
  if (Array.isArray(json)) {
    const elements = json.some(isEmptyElement) ? json.filter((element) => !isEmptyElement(element)) : json;
    return elements.length === 0 ? EMPTY : present(elements);
  }
  if (typeof json === "object" && isKeyless(json)) return EMPTY;
  return present(json);
}

function isEmptyElement(element: Json): boolean {
  return toValue(element).state === "empty";
}

function isKeyless(object: JsonObject): boolean {
  for (const _key in object) return false;
  return true;
}
