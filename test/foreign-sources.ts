import type { Json, JsonObject } from "../connector/mapping/value.ts";
import type { Sandbox } from "../connector/sandbox/server.ts";
import type { ListedStream } from "../connector/stream-name.ts";

/**
 * Converts a record of API v2 (v1 for notes) to the form of another source; the shapes are those of the public sources.
 */
export type ForeignShape = (sandbox: Sandbox, stream: ListedStream, record: JsonObject) => JsonObject;

/** Converts to Airbyte's source-pipedrive before version 3: API v1's `recents`, whose references are plain ids. */
export const airbyteVersion2: ForeignShape = (sandbox, stream, record) =>
  stream === "notes" ? timesOfVersion1(record) : asVersion1(sandbox, stream, record, (id) => id);

/** Converts to tap-pipedrive before its move to API v2: v1's lists, whose references are objects. */
export const tapVersion1: ForeignShape = (sandbox, stream, record) =>
  stream === "notes"
    ? timesOfVersion1(record)
    : asVersion1(sandbox, stream, record, (id, name) => (id === null ? null : { name, people_count: 1, value: id }));

/** Converts to today's tap-pipedrive: API v2 through Singer's transformer, which writes values by its schema. */
export const tapPipedrive: ForeignShape = (_sandbox, stream, record) => {
  const made: JsonObject = {};
  for (const [key, value] of Object.entries(record)) {
    if ((key === "visible_to" || key === "channel") && value !== null) made[key] = String(value);
    else if (/_time$/.test(key) && typeof value === "string") made[key] = `${iso(value).slice(0, 19)}.000000Z`;
    else made[key] = value;
  }
  if (stream === "organizations") made["first_char"] = String(record["name"]).slice(0, 1).toLowerCase();
  return made;
};

type Reference = (id: Json, name: string) => Json;

const renamed: JsonObject = { emails: "email", phones: "phone" };

function asVersion1(sandbox: Sandbox, stream: ListedStream, record: JsonObject, reference: Reference): JsonObject {
  const made: JsonObject = {};
  for (const [key, value] of Object.entries(record)) {
    if (key === "custom_fields" || key.startsWith("local_")) continue;
    if (key === "is_deleted") Object.assign(made, deletion(stream, value));
    else if (key === "visible_to") made[key] = value === null ? null : String(value);
    else if (key === "label_ids") made["label"] = labelOf(stream, value as number[] | null);
    else if (key === "owner_id") made[stream === "deals" ? "user_id" : key] = userOf(value, reference);
    else if (key === "creator_user_id") made[key] = userOf(value, reference);
    else if (key === "org_id" || key === "person_id") made[key] = reference(value, "Named");
    else if (key === "address" || key === "postal_address") Object.assign(made, flattened(key, value));
    else if (key === "emails" || key === "phones") made[renamed[key] as string] = contactsOf(value);
    else made[key] = value;
  }
  made["company_id"] = 7780468;
  made["owner_name"] = "Somebody";
  made["next_activity_time"] = null;
  made["cc_email"] = "box@pipedrivemail.test";
  return { ...timesOfVersion1(made), ...customFields(sandbox, stream, record["custom_fields"], reference) };
}

function deletion(stream: ListedStream, deleted: Json | undefined): JsonObject {
  return stream === "deals"
    ? { active: !deleted, deleted: deleted! }
    : { active_flag: deleted ? 0 : 1, delete_time: null };
}

/** Writes one label as a number, or several as a text. */
function labelOf(stream: ListedStream, ids: number[] | null): Json {
  if (ids === null || ids.length === 0) return null;
  return stream === "deals" || ids.length > 1 ? ids.join(",") : ids[0]!;
}

function userOf(id: Json, reference: Reference): Json {
  const made = reference(id, "Somebody");
  return made !== null && typeof made === "object" ? { ...made, id, email: "s@acme.test", active_flag: true } : made;
}

/** Returns one empty entry for a person without any. */
function contactsOf(value: Json): Json {
  return Array.isArray(value) && value.length === 0 ? [{ value: "", primary: true }] : value;
}

function flattened(key: string, value: Json): JsonObject {
  if (value === null || typeof value !== "object" || Array.isArray(value)) return { [key]: value };
  const { value: whole, ...parts } = value;
  const beside = Object.entries(parts).map(([part, content]) => [`${key}_${part}`, content]);
  return { [key]: whole ?? null, ...Object.fromEntries(beside) };
}

function customFields(
  sandbox: Sandbox,
  stream: ListedStream,
  block: Json | undefined,
  reference: Reference,
): JsonObject {
  if (block === null || typeof block !== "object" || Array.isArray(block) || stream === "notes") return {};
  const made: JsonObject = {};
  for (const [key, value] of Object.entries(block)) {
    const type = sandbox.store.fields[stream].find(({ field_code }) => field_code === key)?.field_type;
    if (value === null) made[key] = null;
    else if (type === "enum") made[key] = String(value);
    else if (type === "set") made[key] = (value as number[]).join(",");
    else if (type === "user" || type === "org" || type === "people") made[key] = reference(value, "Named");
    else Object.assign(made, flattened(key, value));
    if (type === "monetary" && value === null) made[`${key}_currency`] = null;
  }
  return made;
}

function timesOfVersion1(record: JsonObject): JsonObject {
  const entries = Object.entries(record).map(([key, value]) => [
    key,
    /_time$/.test(key) && typeof value === "string" ? iso(value).slice(0, 19).replace("T", " ") : value,
  ]);
  return Object.fromEntries(entries);
}

/** Converts a time of v1 to the form of v2. */
function iso(time: string): string {
  return time.replace(" ", "T");
}
