import type { JsonObject } from "../mapping/value.ts";

/** Key and replication key of every stream. */
export const keyProperties = ["id"];
export const replicationKey = "update_time";

/** SCHEMA, which comes before the stream's first RECORD (Singer specification). */
export function singerSchema(stream: string, schema: JsonObject): object {
  return {
    type: "SCHEMA",
    stream,
    schema,
    key_properties: keyProperties,
    bookmark_properties: [replicationKey],
  };
}

/** What stands before and after a record's JSON text, in one line, to make it a RECORD; `timeExtracted` is RFC 3339 in UTC. */
export function aroundSingerRecord(stream: string, timeExtracted: string): [head: string, tail: string] {
  return [`{"type":"RECORD","stream":${JSON.stringify(stream)},"time_extracted":"${timeExtracted}","record":`, "}"];
}

/** STATE: the whole state, of which targets keep the last. */
export function singerState(value: JsonObject): object {
  return { type: "STATE", value };
}
