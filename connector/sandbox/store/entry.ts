import type { Json, JsonObject } from "../../mapping/value.ts";
import type { ListedStream } from "../../stream-name.ts";
import { fromInstant, type Seconds } from "../account/instant.ts";

/**
 * One stored record: its JSON text, ready to be sent, and the few facts by which lists sort and filter. Entries never
 * change; a changed record gets a new one. Text outside the heap makes 500,000 deals affordable.
 */
export interface Entry {
  readonly id: number;
  readonly text: Buffer;
  /** -1 for a record whose update_time is null: such records come first in ascending order. */
  readonly updated: Seconds;
  readonly added: Seconds;
  readonly deleted: boolean;
  readonly archived: boolean;
  readonly status: Json;
  readonly owner: Json;
  readonly organization: Json;
  readonly person: Json;
  readonly deal: Json;
  readonly pipeline: Json;
  readonly stage: Json;
  /** The name of an organization or person, the title of a deal. */
  readonly name: Json;
}

/** Creates the entry of a record; `text` is its JSON text if it differs from JSON.stringify's. */
export function toEntry(stream: ListedStream, record: JsonObject, text: string = JSON.stringify(record)): Entry {
  return {
    id: record["id"] as number,
    text: Buffer.from(text),
    updated: fromInstant(record["update_time"]) ?? -1,
    added: fromInstant(record["add_time"]) ?? -1,
    deleted: stream === "notes" ? record["active_flag"] === false : record["is_deleted"] === true,
    archived: record["is_archived"] === true,
    status: record["status"] ?? null,
    owner: record[stream === "notes" ? "user_id" : "owner_id"] ?? null,
    organization: record["org_id"] ?? null,
    person: record["person_id"] ?? null,
    deal: record["deal_id"] ?? null,
    pipeline: record["pipeline_id"] ?? null,
    stage: record["stage_id"] ?? null,
    name: record[stream === "deals" ? "title" : "name"] ?? null,
  };
}

/** Returns the record of an entry, as a new object. */
export function toRecord(entry: Entry): JsonObject {
  return JSON.parse(entry.text.toString()) as JsonObject;
}
