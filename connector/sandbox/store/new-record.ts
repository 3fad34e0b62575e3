import type { JsonObject } from "../../mapping/value.ts";
import type { ListedStream } from "../../stream-name.ts";
import type { FieldDefinition } from "../account/field-definition.ts";
import { type Seconds, toInstant, toOldInstant } from "../account/instant.ts";

/** Returns the custom fields of a new record: every one defined, all null. */
export function unsetCustomFields(fields: readonly FieldDefinition[]): JsonObject {
  return Object.fromEntries(fields.filter((field) => field.is_custom_field).map((field) => [field.field_code, null]));
}

/** Returns a new record of the stream: the API's keys, with their defaults. */
export function newRecord(stream: ListedStream, id: number, userId: number, now: Seconds): JsonObject {
  const owned = { id, owner_id: userId, add_time: toInstant(now), update_time: toInstant(now) };
  const seen = { is_deleted: false, visible_to: 3, label_ids: [] };
  switch (stream) {
    case "organizations":
      return {
        ...owned,
        name: "",
        ...seen,
        picture_id: null,
        address: null,
        website: null,
        linkedin: null,
        industry: null,
        annual_revenue: null,
        employee_count: null,
      };
    case "persons":
      return {
        ...owned,
        name: "",
        first_name: null,
        last_name: null,
        org_id: null,
        emails: [],
        phones: [],
        ...seen,
        picture_id: null,
      };
    case "deals":
      return { ...owned, ...seen, creator_user_id: userId, ...unsetDealKeys };
    case "notes":
      return {
        id,
        user_id: userId,
        deal_id: null,
        person_id: null,
        org_id: null,
        lead_id: null,
        content: "",
        add_time: toOldInstant(now),
        update_time: toOldInstant(now),
        active_flag: true,
        pinned_to_lead_flag: false,
        pinned_to_deal_flag: false,
        pinned_to_organization_flag: false,
        pinned_to_person_flag: false,
        last_update_user_id: null,
      };
  }
}

const unsetDealKeys: JsonObject = {
  title: "",
  value: 0,
  currency: "EUR",
  person_id: null,
  org_id: null,
  pipeline_id: 1,
  stage_id: 1,
  status: "open",
  probability: null,
  lost_reason: null,
  stage_change_time: null,
  close_time: null,
  won_time: null,
  lost_time: null,
  local_won_date: null,
  local_lost_date: null,
  local_close_date: null,
  expected_close_date: null,
  is_archived: false,
  archive_time: null,
  origin: "API",
  origin_id: null,
  channel: null,
  channel_id: null,
  arr: null,
  mrr: null,
  acv: null,
};
