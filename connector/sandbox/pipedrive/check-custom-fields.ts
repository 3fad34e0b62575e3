import type { Json } from "../../mapping/value.ts";
import { isObject } from "../../mapping/value.ts";
import type { FieldDefinition, FieldedStream } from "../account/field-definition.ts";
import type { Store } from "../store/store.ts";
import { validationFailed } from "./api-error.ts";
import { type Check, isAddress, isDate, isDefined, isObjectOf, isOf, isRecord, isTimeOfDay } from "./check-value.ts";

const zone = { timezone_id: isOf("integer"), timezone_name: isOf("string") };

// One shape for reading and writing (API v2, "Custom fields").
const checkOfType: Record<string, Check> = {
  varchar: isOf("string"),
  text: isOf("string"),
  phone: isOf("string"),
  varchar_auto: isOf("string"),
  double: isOf("number"),
  monetary: isObjectOf({ value: isOf("number"), currency: isOf("string") }, ["value", "currency"]),
  user: isDefined("users"),
  org: isRecord("organizations"),
  people: isRecord("persons"),
  date: isDate,
  daterange: isObjectOf({ value: isDate, until: isDate }, ["value", "until"]),
  time: isObjectOf({ value: isTimeOfDay, ...zone }, ["value"]),
  timerange: isObjectOf({ value: isTimeOfDay, until: isTimeOfDay, ...zone }, ["value", "until"]),
  address: isAddress,
};

/**
 * Checks the `custom_fields` of a request body: every key must be a custom field of the stream and every value of its
 * type; null clears. Throws an ApiError (400) that names the key.
 */
export function checkCustomFields(store: Store, stream: FieldedStream, block: Json): void {
  if (!isObject(block)) throw validationFailed("custom_fields", "must be an object");
  for (const [code, value] of Object.entries(block)) {
    const field = store.fields[stream].find((candidate) => candidate.is_custom_field && candidate.field_code === code);
    if (field === undefined) throw validationFailed(code, "is not allowed for this request");
    const problem = value === null ? undefined : checkOfField(field)(value, store);
    if (problem !== undefined) throw validationFailed(code, problem);
  }
}

function checkOfField(field: FieldDefinition): Check {
  const ids = field.options?.map(({ id }) => id) ?? [];
  if (field.field_type === "enum") {
    return (value, store) =>
      isOf("integer")(value, store) ?? (ids.includes(value as number) ? undefined : `has no option ${value}`);
  }
  if (field.field_type === "set") {
    return (value) => {
      if (!Array.isArray(value) || !value.every(Number.isSafeInteger)) return "must be an array of integers";
      if (value.length === 0) return "must not be empty. Use null to clear the field";
      const unknown = value.find((id) => !ids.includes(id as number));
      return unknown === undefined ? undefined : `has no option ${unknown}`;
    };
  }
  return checkOfType[field.field_type] ?? isOf("string");
}
