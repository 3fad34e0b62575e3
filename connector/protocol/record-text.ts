import type { JsonObject } from "../mapping/value.ts";
import type { SourceRecord } from "../pipedrive/decode.ts";

/**
 * A record as JSON text in one line, with these top-level fields only (undefined: all). Where the API's own text says
 * the same, it is taken: to write it anew is a quarter of the work of a read.
 */
export function recordText(
  { record, bytes }: Pick<SourceRecord, "record" | "bytes">,
  fields: ReadonlySet<string> | undefined,
): string {
  const chosen = withOnly(fields, record);
  return bytes !== undefined && chosen === record && !bytes.includes("\n") ? bytes.toString() : JSON.stringify(chosen);
}

/** The record itself when it holds no other field, as nearly always. */
function withOnly(fields: ReadonlySet<string> | undefined, record: JsonObject): JsonObject {
  if (fields === undefined) return record;
  for (const key of Object.keys(record)) {
    if (!fields.has(key)) return Object.fromEntries(Object.entries(record).filter(([name]) => fields.has(name)));
  }
  return record;
}
