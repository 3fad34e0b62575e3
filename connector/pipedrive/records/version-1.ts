import type { Json, JsonObject } from "../../mapping/value.ts";
import { isObject } from "../../mapping/value.ts";
import { isFieldedStream, type StreamName } from "../../stream-name.ts";

/** Keys of v1 records that v2 only renamed. */
const renamed: Readonly<Record<StreamName, Readonly<Record<string, string>>>> = {
  deals: { user_id: "owner_id", label: "label_ids", cc_email: "smart_bcc_email", deleted: "is_deleted" },
  persons: { email: "emails", phone: "phones", label: "label_ids", cc_email: "smart_bcc_email" },
  organizations: { label: "label_ids", cc_email: "smart_bcc_email" },
  notes: {},
  deal_products: {},
};

/** Ids of other objects, which v1 gives as `{value, name, …}` or `{id, name, …}`. */
const references: Readonly<Record<StreamName, readonly string[]>> = {
  deals: ["creator_user_id", "owner_id", "person_id", "org_id"],
  persons: ["owner_id", "org_id", "picture_id"],
  organizations: ["owner_id", "picture_id"],
  notes: ["user_id", "deal_id", "person_id", "org_id"],
  deal_products: [],
};

/** Built-in addresses, which v1 gives as a text with its parts beside it (`address_locality`). */
const addresses: Readonly<Partial<Record<StreamName, string>>> = {
  organizations: "address",
  persons: "postal_address",
};

/** Returns the keys that identify a record of v1. Custom fields do so too, by keys of `customKeyLength` or more. */
export function keysOfVersion1(stream: StreamName): readonly string[] {
  return !isFieldedStream(stream) ? [] : [...Object.keys(renamed[stream]), "active_flag"];
}

export const customKeyLength = 40;

const customKey = /^[0-9a-f]{40}$/;
const customPart =
  /^([0-9a-f]{40})_(currency|until|timezone_id|timezone_name|subpremise|street_number|route|sublocality|locality|admin_area_level_1|admin_area_level_2|country|postal_code|formatted_address)$/;

/**
 * Converts the parts of a record in the form of API v1 to that of v2, in place: other sources write records in the form
 * of v1 (Pipedrive docs, "API v2 migration guide"). Values of v2 win. Returns whether anything was converted.
 */
export function toVersion2(stream: StreamName, record: JsonObject): boolean {
  // Notes come from API v1 and have no other form; products of deals come from API v2 only.
  let changed = isFieldedStream(stream) && rename(stream, record);
  for (const key of references[stream]) changed = bareId(record, key) || changed;
  if (!isFieldedStream(stream)) return changed;
  changed = deletion(record) || changed;
  const address = addresses[stream];
  if (address !== undefined) changed = wholeAddress(record, address) || changed;
  changed = listedLabels(record) || changed;
  return customBlock(record) || changed;
}

function rename(stream: StreamName, record: JsonObject): boolean {
  let changed = false;
  const keys = renamed[stream];
  for (const key in keys) {
    if (!Object.hasOwn(record, key)) continue;
    changed = true;
    const name = keys[key]!;
    if (!Object.hasOwn(record, name)) record[name] = renamedValue(key, record[key]!);
    delete record[key];
  }
  return changed;
}

/**
 * Converts a value to v2 under its new name. v1 says null for no labels, and has one empty entry for no address or
 * number; v2 has an empty list for both.
 */
function renamedValue(key: string, value: Json): Json {
  if (key === "label") return value ?? [];
  if (key === "deleted") return flag(value);
  return Array.isArray(value) ? value.filter((entry) => !isObject(entry) || entry["value"] !== "") : value;
}

/** Converts 1 and 0 to booleans, as v1 also writes them. */
function flag(value: Json): Json {
  return value === 1 ? true : value === 0 ? false : value;
}

/** Converts `active_flag` of organizations and persons of v1 to `is_deleted` of v2. */
function deletion(record: JsonObject): boolean {
  if (!Object.hasOwn(record, "active_flag")) return false;
  const active = flag(record["active_flag"]!);
  if (typeof active !== "boolean") return false;
  if (!Object.hasOwn(record, "is_deleted")) record["is_deleted"] = !active;
  delete record["active_flag"];
  return true;
}

function bareId(record: JsonObject, key: string): boolean {
  const value = Object.hasOwn(record, key) ? record[key] : undefined;
  if (!isObject(value)) return false;
  const id = value["value"] ?? value["id"];
  // Without either it is an unknown form, and stays for the mapping to reject.
  if (id === undefined && !Object.hasOwn(value, "value") && !Object.hasOwn(value, "id")) return false;
  record[key] = id ?? null;
  return true;
}

/** Converts one label or several as a text, `5` or `"5,6"`, to the list of v2. */
function listedLabels(record: JsonObject): boolean {
  const labels = Object.hasOwn(record, "label_ids") ? record["label_ids"] : undefined;
  if (typeof labels === "string" && /^(?:\d{1,15}(?:,\d{1,15})*)?$/.test(labels)) {
    record["label_ids"] = labels === "" ? [] : labels.split(",").map(Number);
  } else if (typeof labels === "number") record["label_ids"] = [labels];
  else return false;
  return true;
}

function wholeAddress(record: JsonObject, key: string): boolean {
  const value = Object.hasOwn(record, key) ? record[key] : undefined;
  if (typeof value !== "string") return false;
  const parts: JsonObject = {};
  for (const name of Object.keys(record)) {
    if (!name.startsWith(`${key}_`)) continue;
    parts[name.slice(key.length + 1)] = record[name]!;
    delete record[name];
  }
  record[key] = value === "" ? {} : { value, ...parts };
  return true;
}

/** Moves custom fields, which stand beside the built-in ones in v1, with their parts beside them (`<key>_currency`). */
function customBlock(record: JsonObject): boolean {
  if (record["custom_fields"] !== undefined) return false;
  const own: JsonObject = {};
  const parts: [key: string, part: string, value: Json][] = [];
  let found = false;
  for (const name of Object.keys(record)) {
    // No built-in field has a name as long.
    if (name.length < customKeyLength) continue;
    const [, key, part] = customPart.exec(name) ?? [];
    if (key === undefined && !customKey.test(name)) continue;
    found = true;
    if (key === undefined) own[name] = record[name]!;
    else parts.push([key, part!, record[name]!]);
    delete record[name];
  }
  if (!found) return false;
  for (const [key, part, value] of parts) {
    const whole = own[key];
    // A cleared field has cleared parts, and is null as a whole.
    if (whole === undefined || whole === null || whole === "" || Array.isArray(whole)) continue;
    own[key] = isObject(whole) ? { [part]: value, ...whole } : { value: whole, [part]: value };
  }
  record["custom_fields"] = own;
  return true;
}
