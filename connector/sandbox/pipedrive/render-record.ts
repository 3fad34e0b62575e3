import type { Json, JsonObject } from "../../mapping/value.ts";
import type { FieldDefinition, OptionDefinition } from "../account/field-definition.ts";
import { type Entry, toRecord } from "../store/entry.ts";

/** The shape that a request asks of its records (API v2). */
export interface AskedShape {
  custom_fields?: string[] | undefined;
  include_option_labels?: boolean | undefined;
  include_labels?: boolean | undefined;
}

/** Returns the JSON text of a record: its own if unshaped, else a new one, with the fields of `include_fields`. */
export function renderRecord(
  entry: Entry,
  shape: AskedShape,
  fields: readonly FieldDefinition[],
  optional?: (entry: Entry) => JsonObject,
): Buffer {
  const { custom_fields: codes, include_option_labels: optionLabels, include_labels: labels } = shape;
  if (codes === undefined && optionLabels !== true && labels !== true && optional === undefined) return entry.text;
  const record = { ...toRecord(entry), ...optional?.(entry) };
  const block = record["custom_fields"] as JsonObject | null | undefined;
  if (block !== null && block !== undefined) {
    const kept =
      codes === undefined ? Object.entries(block) : Object.entries(block).filter(([code]) => codes.includes(code));
    record["custom_fields"] = Object.fromEntries(
      kept.map(([code, value]) => [code, optionLabels === true ? withLabels(value, optionsOf(fields, code)) : value]),
    );
  }
  if (labels === true) record["labels"] = withLabels(record["label_ids"] ?? null, optionsOf(fields, "label_ids"));
  return Buffer.from(JSON.stringify(record));
}

function optionsOf(fields: readonly FieldDefinition[], code: string): OptionDefinition[] | null {
  return fields.find((field) => field.field_code === code)?.options ?? null;
}

function withLabels(value: Json, options: OptionDefinition[] | null): Json {
  if (options === null || value === null) return value;
  if (Array.isArray(value)) return value.map((id) => withLabels(id, options));
  const option = options.find(({ id }) => id === value);
  return option === undefined ? value : { id: option.id, label: option.label };
}
