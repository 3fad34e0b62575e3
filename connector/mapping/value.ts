/** Any JSON value. */
export type Json = string | number | boolean | null | Json[] | JsonObject;

/** A JSON object. A key that is missing and a key that holds null say different things (contract, section 5). */
export interface JsonObject {
  [key: string]: Json;
}

/** A field of a record that holds something. */
export interface Present {
  readonly state: "present";
  readonly value: Exclude<Json, null>;
}
/** A field of a record that someone cleared: the row's field becomes NULL. */
export interface Null {
  readonly state: "null";
}
/** A field of a record for which no value was defined: the row's field is left as it is. */
export interface Empty {
  readonly state: "empty";
}

/** The three states of a field's value, kept apart from the decoder to the column. */
export type Value = Present | Null | Empty;

export const NULL: Null = Object.freeze({ state: "null" });
export const EMPTY: Empty = Object.freeze({ state: "empty" });

/** The value as present; null must be given as NULL. */
export function present(value: Exclude<Json, null>): Present {
  return { state: "present", value };
}

/**
 * The state of a JSON value as it stands in a record: undefined, "", [] and {} are empty, null is null, anything else
 * is present. Empty elements of an array are dropped, and an array that loses all of them is empty.
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
