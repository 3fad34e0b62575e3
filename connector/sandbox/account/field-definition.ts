import { createHash } from "node:crypto";
import type { JsonObject } from "../../mapping/value.ts";
import type { FieldedStream } from "../../stream-name.ts";

export type { FieldedStream };

/** An option of an enum or set field: numbered in custom fields, often a word in built-in ones. */
export interface OptionDefinition extends JsonObject {
  id: number | string;
  label: string;
  color: string | null;
}

/** One field as `GET /api/v2/{entity}Fields` lists it (Pipedrive API v2, openapi-v2.yaml). */
export interface FieldDefinition {
  field_name: string;
  field_code: string;
  description: string | null;
  field_type: string;
  is_custom_field: boolean;
  is_optional_response_field: boolean;
  options: OptionDefinition[] | null;
  subfields: { field_code: string; field_name: string; field_type: string }[] | null;
}

/** A custom field in short: its label, its type and the labels of its options. */
export type CustomFieldInShort = readonly [label: string, type: string, options?: readonly string[]];
/** A built-in field in short: its key, its label, its type and the labels of its options (by id if ids are words). */
export type BuiltInFieldInShort = readonly [key: string, label: string, type: string, options?: readonly Option[]];
type Option = string | readonly [id: number | string, label: string];

const subfieldsOfType: Record<string, readonly (readonly [string, string, string])[]> = {
  monetary: [
    ["value", "Value", "double"],
    ["currency", "Currency", "varchar"],
  ],
  daterange: [
    ["value", "Start date", "date"],
    ["until", "End date", "date"],
  ],
  time: [
    ["value", "Time", "time"],
    ["timezone_id", "Time zone", "int"],
  ],
  timerange: [
    ["value", "Start time", "time"],
    ["until", "End time", "time"],
    ["timezone_id", "Time zone", "int"],
  ],
  address: [
    "subpremise",
    "street_number",
    "route",
    "sublocality",
    "locality",
    "admin_area_level_1",
    "admin_area_level_2",
    "country",
    "postal_code",
    "formatted_address",
  ].map((code) => [code, code.replaceAll("_", " "), "varchar"] as const),
};

/**
 * Returns the 40 hexadecimal digits of a custom field's key in `custom_fields`. They depend only on the stream, the
 * label and its place among fields of that label, so that every invented account has the same keys.
 */
export function customFieldCode(stream: FieldedStream, label: string, ordinal = 0): string {
  return createHash("sha1").update(`${stream}\n${label}\n${ordinal}`).digest("hex");
}

/**
 * Returns the field list of a stream: built-in fields, then custom ones, whose option ids count up from
 * `firstOptionId`.
 */
export function defineFields(
  stream: FieldedStream,
  builtIn: readonly BuiltInFieldInShort[],
  custom: readonly CustomFieldInShort[],
  firstOptionId: number,
): FieldDefinition[] {
  const seen = new Map<string, number>();
  let optionId = firstOptionId;
  return [
    ...builtIn.map(([key, label, type, options]) => {
      const listed = options?.map((option, index) =>
        typeof option === "string" ? ([index + 1, option] as const) : option,
      );
      return defineField({ code: key, label, type, custom: false, options: listed });
    }),
    ...custom.map(([label, type, options]) => {
      const ordinal = seen.get(label) ?? 0;
      seen.set(label, ordinal + 1);
      const listed = options?.map((option) => [optionId++, option] as const);
      const code = customFieldCode(stream, label, ordinal);
      return defineField({ code, label, type, custom: true, options: listed });
    }),
  ];
}

interface DefinedField {
  code: string;
  label: string;
  type: string;
  custom: boolean;
  options: readonly (readonly [number | string, string])[] | undefined;
}

function defineField({ code, label, type, custom, options }: DefinedField): FieldDefinition {
  const subfields = subfieldsOfType[type]?.map(([subfield, name, subtype]) => ({
    field_code: subfield,
    field_name: name,
    field_type: subtype,
  }));
  return {
    field_name: label,
    field_code: code,
    description: null,
    field_type: type,
    is_custom_field: custom,
    is_optional_response_field: false,
    options: options?.map(([id, text]) => ({ id, label: text, color: null })) ?? null,
    subfields: subfields ?? null,
  };
}
