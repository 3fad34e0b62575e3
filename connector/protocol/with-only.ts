import type { JsonObject } from "../mapping/value.ts";

/** The record with these top-level fields only; the record itself when it holds no other, as nearly always. */
export function withOnly(fields: ReadonlySet<string> | undefined, record: JsonObject): JsonObject {
  if (fields === undefined) return record;
  for (const key of Object.keys(record)) {
    if (!fields.has(key)) return Object.fromEntries(Object.entries(record).filter(([name]) => fields.has(name)));
  }
  return record;
}
