import type { JsonObject } from "../mapping/value.ts";

/** Key and replication key of every stream. */
export const keyProperties = ["id"];
export const replicationKey = "update_time";

/** Returns SCHEMA, which precedes the stream's first RECORD (Singer specification). */
export function singerSchema(stream: string, schema: JsonObject): object {
  return {
    type: "SCHEMA",
    stream,
    schema,
    key_properties: keyProperties,
    bookmark_properties: [replicationKey],
  };
}

/**
 * Returns the text before and after a record's JSON that makes it a RECORD on one line; `timeExtracted` is RFC 3339 in
 * UTC.
 */
export function aroundSingerRecord(stream: string, timeExtracted: string): [head: string, tail: string] {
  return [`{"type":"RECORD","stream":${JSON.stringify(stream)},"time_extracted":"${timeExtracted}","record":`, "}"];
}

/** Returns STATE with the whole state; targets keep the last one. */
export function singerState(value: JsonObject): object {
  return { type: "STATE", value };
}
