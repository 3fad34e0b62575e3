import type { KnownField } from "./known-fields.ts";
import { type Outcome, type Rejected, rejected } from "./outcome.ts";
import { readContacts, readPrimaryContact } from "./read-contacts.ts";
import { optionReader, optionsReader, type ReadIds, readOptionIds } from "./read-options.ts";
import { readAny, readPart, readPlain, readReference, readWhole } from "./read-shapes.ts";
import { valueTypeOf } from "./record-fields.ts";
import { inType, mistyped, type ScalarType } from "./scalar.ts";
import { EMPTY, type Empty, type Json, type JsonObject, NULL, type Value } from "./value.ts";

/** Reads one thing of a record. Never throws: an unknown shape is refused with its reason. */
export type FieldReader = (record: JsonObject) => Outcome;

/**
 * The reader of a field, or of a part of it. Both shapes of Pipedrive's APIs are read: v2, and v1 where a part stands
 * beside its field (`<key>_currency`). A record without the field is empty; null above the part makes it null.
 */
export function fieldReader(field: KnownField, path: readonly string[]): FieldReader {
  return readerOf(field, path.length === 0 ? typed(field, decoder(field, path)) : decoder(field, path));
}

/** The reader of the ids of the options that a field holds. */
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
    // A null block says that the account has no custom fields, which clears nothing (contract, section 7).
    if (block === null) return EMPTY;
    // API v1 has no block: its custom fields stand beside the others.
    if (block === undefined) return decode(Object.hasOwn(record, key) ? record[key] : undefined, record);
    if (typeof block !== "object" || Array.isArray(block)) return rejected("custom_fields is no object");
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
 * A decoder that takes a single value of another type where it says the same, and refuses it otherwise. It costs the records
 * of the API one look at the type.
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

/** Singer taps write days as instants. */
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

/** Without the account's field list an id cannot be told from another; it is not passed off as a label. */
function unknownOptions(key: string): Decoder {
  return (raw) => {
    if (raw === null) return NULL;
    if (raw === undefined || raw === "" || (Array.isArray(raw) && raw.length === 0)) return EMPTY;
    return rejected(`the options of ${key} are not known, because the account does not list them`);
  };
}

/** Street and number, as Planhat's one address line wants them; empty where Pipedrive did not recognise the street. */
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
