import type { Json, JsonObject } from "../../mapping/value.ts";
import { isObject } from "../../mapping/value.ts";
import type { FieldedStream } from "../account/field-definition.ts";
import type { Store } from "../store/store.ts";
import { refused, validationFailed } from "./api-error.ts";
import { checkCustomFields } from "./check-custom-fields.ts";
import {
  areContacts,
  type Check,
  isAddress,
  isAmong,
  isDate,
  isDefined,
  isInstant,
  isIntegers,
  isName,
  isOf,
  isRecord,
} from "./check-value.ts";

interface WritableKey {
  check: Check;
  /** True if null clears it. */
  nullable?: true;
  createOnly?: true;
  required?: true;
}

const owned: Record<string, WritableKey> = {
  owner_id: { check: isDefined("users") },
  add_time: { check: isInstant, createOnly: true },
  visible_to: { check: isOf("integer") },
  label_ids: { check: isIntegers },
};

/**
 * The keys that a body may hold (API v2, openapi-v2.yaml, POST and PATCH); custom fields stand in `custom_fields` only.
 */
const writable: Record<FieldedStream, Record<string, WritableKey>> = {
  organizations: {
    ...owned,
    name: { check: isName, required: true },
    address: { check: isAddress, nullable: true },
    website: { check: isOf("string"), nullable: true },
    linkedin: { check: isOf("string"), nullable: true },
    industry: { check: isOf("integer"), nullable: true },
    annual_revenue: { check: isOf("number"), nullable: true },
    employee_count: { check: isOf("integer"), nullable: true },
  },
  persons: {
    ...owned,
    name: { check: isName, required: true },
    org_id: { check: isRecord("organizations"), nullable: true },
    emails: { check: areContacts },
    phones: { check: areContacts },
  },
  deals: {
    ...owned,
    add_time: { check: isInstant, createOnly: true },
    title: { check: isName, required: true },
    org_id: { check: isRecord("organizations"), nullable: true },
    person_id: { check: isRecord("persons"), nullable: true },
    pipeline_id: { check: isDefined("pipelines") },
    stage_id: { check: isDefined("stages") },
    value: { check: isOf("number") },
    currency: { check: isOf("string") },
    is_deleted: { check: isOf("boolean") },
    is_archived: { check: isOf("boolean") },
    archive_time: { check: isInstant },
    status: { check: isAmong("open", "won", "lost") },
    probability: { check: isOf("number"), nullable: true },
    lost_reason: { check: isOf("string"), nullable: true },
    close_time: { check: isInstant, nullable: true },
    won_time: { check: isInstant },
    lost_time: { check: isInstant },
    expected_close_date: { check: isDate, nullable: true },
  },
};

// Keys that need contact sync, which the invented account lacks: 403.
const contactSyncKeys = ["postal_address", "notes", "im", "birthday", "job_title"];

/**
 * Checks the body of a POST (no `before`) or PATCH (`before` is the present record). Throws an ApiError that names the
 * first key that is not allowed (400 ERR_SCHEMA_VALIDATION_FAILED) or has a wrong value.
 */
export function checkBody(
  store: Store,
  stream: FieldedStream,
  body: Json,
  before?: JsonObject,
): asserts body is JsonObject {
  if (!isObject(body)) throw refused(400, "Request body must be a JSON object", "ERR_SCHEMA_VALIDATION_FAILED");
  const keys = writable[stream];
  for (const [key, value] of Object.entries(body)) {
    if (key === "custom_fields") {
      checkCustomFields(store, stream, value);
      continue;
    }
    if (stream === "persons" && contactSyncKeys.includes(key)) {
      throw refused(403, `Parameter '${key}' needs contact sync, which is not enabled`, "ERR_FORBIDDEN");
    }
    const rule = Object.hasOwn(keys, key) ? keys[key] : undefined;
    if (rule === undefined || (rule.createOnly && before !== undefined)) {
      throw validationFailed(key, "is not allowed for this request");
    }
    if (value === null && rule.nullable) continue;
    const problem = value === null ? "must not be null" : rule.check(value, store);
    if (problem !== undefined) throw validationFailed(key, problem);
  }
  const missing = Object.keys(keys).find(
    (key) => keys[key]?.required && before === undefined && body[key] === undefined,
  );
  if (missing !== undefined) throw validationFailed(missing, "is required");
  if (stream === "deals") checkDealTimes({ ...before, ...body }, body);
}

// "Can only be set if deal status is won / lost" (API v2, deals).
function checkDealTimes(after: JsonObject, body: JsonObject): void {
  const needed = { won_time: ["won"], lost_time: ["lost"], lost_reason: ["lost"], close_time: ["won", "lost"] };
  for (const [key, statuses] of Object.entries(needed)) {
    const value = body[key];
    if (value === undefined || value === null || statuses.includes(after["status"] as string)) continue;
    throw validationFailed(key, `can only be set if deal status is ${statuses.join(" or ")}`);
  }
}
