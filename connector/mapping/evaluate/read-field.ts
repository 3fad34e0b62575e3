import { type Outcome, type Rejected, rejected } from "../outcome.ts";
import { inType, mistyped, type ScalarType } from "../scalar.ts";
import { EMPTY, type Empty, type Json, type JsonObject, NULL, type Value } from "../value.ts";
import type { KnownField } from "./known-fields.ts";
import { readContacts, readPrimaryContact } from "./read-contacts.ts";
import { optionReader, optionsReader, type ReadIds, readOptionIds } from "./read-options.ts";
import { readAny, readPart, readPlain, readReference, readWhole } from "./read-shapes.ts";
import { valueTypeOf } from "./record-fields.ts";

/** Reads one value of a record. Never throws: an unknown shape is rejected with its reason. */
export type FieldReader = (record: JsonObject) => Outcome;

/**
 * Returns the reader of a field, or of a part of it. It reads the shapes of API v2 and of v1, where a part stands
 * beside its field (`<key>_currency`). A record without the field is empty; null above the part makes it null.
 */
export function fieldReader(field: KnownField, path: readonly string[]): FieldReader {
  return readerOf(field, path.length === 0 ? typed(field, decoder(field, path)) : decoder(field, path));
}

/** Returns the reader of the option ids in a field. */
export function optionIdsReader(field: KnownField): (record: JsonObject) => ReadIds {
  return readerOf(field, readOptionIds);
}

function readerOf<Result>(
  { key, custom }: KnownField,
  decode: (raw: Json | undefined, owner: JsonObject) => Result,
): (record: JsonObject) => Result | Empty | Rejected {
  if (!custom) return (record) => decode(Object.hasOwn(record, key) ? record[key] : undefined, record);
  return (record) => {
    const block = record["custom_fields"];
    // A null block means that the account has no custom fields, which clears nothing (contract, section 7).
    if (block === null) return EMPTY;
    // API v1 has no block: its custom fields stand beside the others.
    if (block === undefined) return decode(Object.hasOwn(record, key) ? record[key] : undefined, record);
    if (typeof block !== "object" || Array.isArray(block)) return rejected("custom_fields is not an object");
    return decode(Object.hasOwn(block, key) ? block[key] : undefined, block);
  };
}

type Decoder = (raw: Json | undefined, owner: JsonObject) => Outcome;

/** Types of custom fields that hold one value (Pipedrive API v2, "Custom fields"). */
const customTypes: Readonly<Record<string, ScalarType>> = {
  double: "number",
  int: "integer",
  varchar: "string",
  varchar_auto: "string",
  text: "string",
  phone: "string",
  user: "integer",
  org: "integer",
  people: "integer",
};

/**
 * Wraps a decoder so that a value of another type is converted if its meaning is the same, else rejected. Records of
 * the API pay for one check of the type.
 */
function typed({ key, custom, kind, type: fieldType = "" }: KnownField, decode: Decoder): Decoder {
  if (kind !== "plain" && kind !== "reference") return decode;
  if (custom && fieldType === "date") return (raw, owner) => decode(asDay(raw), owner);
  const type = custom ? customTypes[fieldType] : valueTypeOf.get(key);
  if (type === undefined) return decode;
  const javascriptType = type === "integer" ? "number" : type;
  return (raw, owner) => {
    if (raw === undefined || raw === null || typeof raw === javascriptType || typeof raw === "object")
      return decode(raw, owner);
    const own = inType(type, raw);
    return mistyped(type, key, own) ?? decode(own, owner);
  };
}

/** Converts a midnight instant to its day: Singer taps write days as instants. */
function asDay(raw: Json | undefined): Json | undefined {
  return typeof raw === "string" && /^\d{4}-\d\d-\d\dT00:00:00(?:\.0+)?(?:Z|\+00:00)$/.test(raw)
    ? raw.slice(0, 10)
    : raw;
}

function decoder(field: KnownField, path: readonly string[]): Decoder {
  const { key, kind, options } = field;
  const [part] = path;
  switch (kind) {
    case "option":
      return options === undefined ? unknownOptions(key) : optionReader(options);
    case "options":
      return options === undefined ? unknownOptions(key) : optionsReader(options);
    case "reference":
      return readReference;
    case "contacts":
      return part === undefined ? readContacts : readPrimaryContact;
    case "address":
      if (part === "street") return readStreet(key);
      return part === undefined ? readWhole : readPart(key, part);
    case "money":
    case "range":
    case "time":
      return part === undefined ? readWhole : readPart(key, part);
    case "plain":
      return readPlain;
    case "object":
    case "list":
    case "any":
      return path.length === 0 ? readAny : readPath(path);
  }
}

/** Rejects the ids of unknown options: without the account's field list no id can be turned into its label. */
function unknownOptions(key: string): Decoder {
  return (raw) => {
    if (raw === null) return NULL;
    if (raw === undefined || raw === "" || (Array.isArray(raw) && raw.length === 0)) return EMPTY;
    return rejected(`the options of ${key} are not known, because the account does not list them`);
  };
}

/** Reads street and number, for Planhat's single address line; empty if Pipedrive did not recognise the street. */
function readStreet(key: string): Decoder {
  const route = readPart(key, "route");
  const number = readPart(key, "street_number");
  return (raw, owner) => {
    const street = route(raw, owner);
    if (street.state !== "present") return street;
    const house = number(raw, owner);
    if (house.state === "rejected") return house;
    return house.state === "present" ? { state: "present", value: `${street.value} ${house.value}` } : street;
  };
}

function readPath(path: readonly string[]): Decoder {
  return (raw) => {
    let value = raw;
    for (const part of path) {
      if (value === null) return NULL;
      if (value === undefined) return EMPTY;
      if (typeof value !== "object" || Array.isArray(value)) return rejected(`it has no part ${part}`);
      value = Object.hasOwn(value, part) ? value[part] : undefined;
    }
    return readAny(value) satisfies Value;
  };
}
