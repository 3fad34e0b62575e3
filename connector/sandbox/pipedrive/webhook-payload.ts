import { randomUUID } from "node:crypto";
import type { Json, JsonObject } from "../../mapping/value.ts";
import { isObject } from "../../mapping/value.ts";
import type { StreamName } from "../../stream-name.ts";
import type { FieldDefinition } from "../account/field-definition.ts";
import { fromInstant, toInstant } from "../account/instant.ts";
import type { RecordChange, Store } from "../store/store.ts";

/** The word that webhooks use for a stream's records. */
export const webhookObject: Record<StreamName, string> = {
  organizations: "organization",
  persons: "person",
  deals: "deal",
  notes: "note",
  deal_products: "deal_product",
};

// v2 REST keys that webhook data does not have ("data is not the REST shape", webhooks v2 migration guide).
const restOnly = ["is_deleted", "local_won_date", "local_lost_date", "local_close_date"];

/**
 * Returns the payload of a webhook v2 for a change, but for `meta.attempt`. Ids in `meta` are texts, custom fields
 * carry their type, and `visible_to` is a text. A deletion has `data` null and the last state in `previous`.
 */
export function webhookPayload(store: Store, webhook: JsonObject, change: RecordChange, host: string): JsonObject {
  const merged: JsonObject =
    change.mergedWith === undefined
      ? {}
      : { [change.action === "delete" ? "merged_to_id" : "merged_from_id"]: String(change.mergedWith) };
  const user = String(store.users[0]!["id"]);
  return {
    meta: {
      action: change.action,
      entity: webhookObject[change.stream],
      company_id: String(store.account.company["company_id"]),
      correlation_id: randomUUID(),
      entity_id: String(change.id),
      id: randomUUID(),
      is_bulk_edit: false,
      timestamp: new Date(store.now() * 1000).toISOString(),
      type: "general",
      user_id: user,
      version: "2.0",
      webhook_id: String(webhook["id"]),
      webhook_owner_id: String(webhook["owner_id"]),
      change_source: change.source,
      attempt: 1,
      host,
      permitted_user_ids: store.users.map(({ id }) => String(id)),
      ...merged,
    },
    data: change.action === "delete" ? null : toWebhookData(store, change.stream, change.record),
    previous: change.previous === null ? null : toWebhookData(store, change.stream, previousOf(change)),
  };
}

// A deleted note's last state is marked deleted already and has the time of the deletion; other records keep the older
// time.
function previousOf(change: RecordChange): JsonObject {
  return change.action === "delete" && change.stream === "notes" ? change.record : (change.previous as JsonObject);
}

function toWebhookData(store: Store, stream: StreamName, record: JsonObject): JsonObject {
  if (stream === "notes") return withInstants(record);
  if (stream === "deal_products") return record;
  const { visible_to, label_ids, custom_fields, ...rest } = record;
  const data: JsonObject = Object.fromEntries(Object.entries(rest).filter(([key]) => !restOnly.includes(key)));
  if (visible_to !== undefined) data["visible_to"] = String(visible_to);
  if (label_ids !== undefined) {
    if (stream === "deals") data["label_ids"] = label_ids;
    else data["label"] = (Array.isArray(label_ids) ? label_ids[0] : undefined) ?? null;
  }
  if (custom_fields !== undefined) data["custom_fields"] = typeBlock(custom_fields, store.fields[stream]);
  return data;
}

function withInstants(note: JsonObject): JsonObject {
  const times = Object.entries(note).filter(([key]) => key === "add_time" || key === "update_time");
  return { ...note, ...Object.fromEntries(times.map(([key, time]) => [key, toInstant(fromInstant(time) ?? 0)])) };
}

function typeBlock(block: Json, fields: readonly FieldDefinition[]): JsonObject {
  if (!isObject(block)) return {};
  return Object.fromEntries(
    Object.entries(block).map(([code, value]) => {
      const type = fields.find((field) => field.field_code === code)?.field_type ?? "varchar";
      return [code, value === null ? null : typeValue(type, value)];
    }),
  );
}

function typeValue(type: string, value: Exclude<Json, null>): JsonObject {
  if (type === "enum" || type === "user" || type === "org" || type === "people") return { type, id: value };
  if (type === "set") return { type, values: (value as Json[]).map((id) => ({ id })) };
  if (!isObject(value)) return { type, value };
  const { timezone_name: _name, ...rest } = value;
  if (type !== "daterange" && type !== "timerange") return { type, ...rest };
  const { value: from = null, until = null, ...zone } = rest;
  return { type, from, until, ...zone };
}
