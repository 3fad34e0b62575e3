import type { Json, JsonObject } from "../value.ts";

/** A position in a file, counted from 1. */
export interface Place {
  line: number;
  column: number;
}

/** A YAML value with its place. Null is a kind of its own, because it is never an instruction. */
export type Located = Place &
  (
    | { kind: "object"; entries: Map<string, LocatedEntry> }
    | { kind: "array"; items: Located[] }
    | { kind: "scalar"; value: string | number | boolean }
    | { kind: "null" }
  );

/** One `key: value` of an object. */
export interface LocatedEntry {
  key: Place;
  value: Located;
}

/** Returns the value without its places. */
export function plain(located: Located): Json {
  switch (located.kind) {
    case "scalar":
      return located.value;
    case "array":
      return located.items.map(plain);
    case "object": {
      const object: JsonObject = {};
      for (const [key, { value }] of located.entries) {
        // A plain assignment would lose a key named __proto__.
        Object.defineProperty(object, key, {
          value: plain(value),
          enumerable: true,
          configurable: true,
          writable: true,
        });
      }
      return object;
    }
    case "null":
      return null;
  }
}

/** Returns the value below a key; undefined if `located` is not an object or lacks it. */
export function below(located: Located | undefined, key: string): Located | undefined {
  return located?.kind === "object" ? located.entries.get(key)?.value : undefined;
}

/** Returns the text of a string; undefined for anything else. */
export function textOf(located: Located | undefined): string | undefined {
  return located?.kind === "scalar" && typeof located.value === "string" ? located.value : undefined;
}

/** Returns the items of an array; a single value counts as an array of one, undefined as an empty one. */
export function listOf(located: Located | undefined): Located[] {
  if (located === undefined) return [];
  return located.kind === "array" ? located.items : [located];
}

/** Returns the place of a key, or else of the object itself. */
export function keyPlace(located: Located, key: string): Place {
  return (located.kind === "object" ? located.entries.get(key)?.key : undefined) ?? located;
}
