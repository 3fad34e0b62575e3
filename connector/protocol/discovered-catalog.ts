import type { AccountCatalog, AccountField } from "../account-catalog.ts";
import type { JsonObject } from "../mapping/value.ts";
import { isFieldedStream, type StreamName, streamNames } from "../stream-name.ts";

const text = { type: ["null", "string"] };
const number = { type: ["null", "number"] };
const id = { type: ["null", "integer"] };
const date = { type: ["null", "string"], format: "date" };
const parts = (properties: JsonObject): JsonObject => ({
  type: ["null", "object"],
  properties,
  additionalProperties: true,
});
const clock = { timezone_id: id, timezone_name: text };
const addressParts =
  "value subpremise street_number route sublocality locality admin_area_level_1 admin_area_level_2 country postal_code formatted_address";

/** The shape of each kind of custom field in a v2 record (Pipedrive API v2: custom fields in v2 objects). */
const customFieldSchemas: Record<string, JsonObject> = {
  double: number,
  int: id,
  enum: id,
  user: id,
  org: id,
  people: id,
  set: { type: ["null", "array"], items: { type: "integer" } },
  date,
  monetary: parts({ value: number, currency: text }),
  daterange: parts({ value: date, until: date }),
  time: parts({ value: text, ...clock }),
  timerange: parts({ value: text, until: text, ...clock }),
  address: parts(Object.fromEntries(addressParts.split(" ").map((part) => [part, text]))),
};

/**
 * Returns the Airbyte catalog of the account: the streams with their schemas. The account's own fields stand under
 * `custom_fields` by key, with their label as title. `schemas` holds each stream's JSON Schema.
 */
export function discoveredCatalog(schemas: Record<StreamName, JsonObject>, catalog: AccountCatalog): JsonObject {
  return {
    streams: streamNames.map((stream) => ({
      name: stream,
      json_schema: isFieldedStream(stream)
        ? withCustomFields(schemas[stream], catalog.fields[stream])
        : schemas[stream],
      supported_sync_modes: ["full_refresh", "incremental"],
      source_defined_cursor: true,
      default_cursor_field: ["update_time"],
      source_defined_primary_key: [["id"]],
      is_resumable: true,
    })),
  };
}

function withCustomFields(schema: JsonObject, fields: readonly AccountField[]): JsonObject {
  const properties = schema["properties"] as JsonObject;
  const custom = fields
    .filter((field) => field.custom)
    .map((field): [string, JsonObject] => [
      field.key,
      { title: field.label, ...(customFieldSchemas[field.type] ?? text) },
    ]);
  return {
    ...schema,
    properties: {
      ...properties,
      custom_fields: { ...(properties["custom_fields"] as JsonObject), properties: Object.fromEntries(custom) },
    },
  };
}
