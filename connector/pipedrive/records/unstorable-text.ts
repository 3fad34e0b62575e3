import type { Json } from "../../mapping/value.ts";
import { unstorable } from "../../text/storable-text.ts";

/** Returns false if Postgres can store every string of the JSON text: no further check is needed then. */
export function mayHoldUnstorable(text: string): boolean {
  return text.includes("\\u") && /\\u(?:0000|[dD][89a-fA-F])/.test(text);
}

/**
 * Finds the first string of a value (keys included) that jsonb cannot store: NUL characters and halves of surrogate
 * pairs (Postgres manual, "JSON Types"). Returns its path and a reason that continues a sentence; undefined if there is
 * none.
 */
export function findUnstorable(value: Json, path = ""): { path: string; reason: string } | undefined {
  if (typeof value === "string") {
    const reason = unstorable(value);
    return reason === undefined ? undefined : { path, reason };
  }
  if (value === null || typeof value !== "object") return undefined;
  for (const [key, inner] of Object.entries(value)) {
    const reason = unstorable(key);
    if (reason !== undefined) return { path, reason: `has a key that ${reason}` };
    const found = findUnstorable(inner, path === "" ? key : `${path}.${key}`);
    if (found !== undefined) return found;
  }
  return undefined;
}
