import { Ajv, type ErrorObject, type ValidateFunction } from "ajv";
import type { ScalarType } from "../../mapping/scalar.ts";
import type { Json, JsonObject } from "../../mapping/value.ts";
import type { StreamName } from "../../stream-name.ts";
import { glanceKeys, readSchemas } from "./streams.ts";

/** The JSON Schema of a stream's records, prepared for use. */
export interface RecordSchema {
  /** Keys of built-in times (format date-time). */
  times: readonly string[];
  /** Keys of built-in booleans. */
  flags: readonly string[];
  /** Built-in fields that hold one value, with its type. */
  scalars: readonly (readonly [key: string, type: ScalarType])[];
  /**
   * Returns the reason why a record cannot be placed among the others: the place, the expected value, the value found.
   * Undefined if it can. It checks only fields that the connector itself relies on: a field that it does not read is no
   * reason to lose the record.
   */
  misplacement(record: Json): string | undefined;
  /** Returns such a reason for any field that the schema names. */
  problemOf(record: Json): string | undefined;
}

interface PropertySchema extends JsonObject {
  type: string | string[];
}

const compiled = new Map<StreamName, RecordSchema>();

/**
 * Returns the schema of a stream, prepared on first use: a command that parses no records does not pay for it. Formats
 * inform the readers of the schema and are not enforced. Real accounts hold dates such as 0000-00-00, and the record is
 * worth more than one date.
 */
export function recordSchema(stream: StreamName): RecordSchema {
  const known = compiled.get(stream);
  if (known !== undefined) return known;
  const schema = readSchemas()[stream];
  const properties = Object.entries(schema["properties"] as Record<string, PropertySchema>);
  const placing = properties.filter(([key]) => placingKeys.has(key));
  const made: RecordSchema = {
    times: properties.filter(([, { format }]) => format === "date-time").map(([key]) => key),
    flags: properties.filter(([, { type }]) => type.includes("boolean")).map(([key]) => key),
    scalars: properties.flatMap(([key, { type }]) => {
      const found = scalarTypes.find((one) => type.includes(one));
      return found === undefined ? [] : [[key, found] as const];
    }),
    misplacement: problemBy({ ...schema, properties: Object.fromEntries(placing) }),
    problemOf: problemBy(schema),
  };
  compiled.set(stream, made);
  return made;
}

/** Keys of the records that landing, selecting and applying read, whatever the mapping reads. */
const placingKeys = new Set([...glanceKeys, "id", "update_time"]);

const scalarTypes: readonly ScalarType[] = ["string", "number", "integer", "boolean"];

/** Returns a check by a JSON Schema, compiled on first use: it returns the reason why a record breaks the schema. */
export function problemBy(schema: JsonObject): (record: Json) => string | undefined {
  let validate: ValidateFunction | undefined;
  return (record) => {
    validate ??= new Ajv({ strict: false, validateFormats: false, verbose: true }).compile(schema);
    return validate(record) ? undefined : describe(validate.errors![0]!);
  };
}

const articles: Readonly<Record<string, string>> = {
  null: "null",
  string: "a text",
  number: "a number",
  integer: "a whole number",
  boolean: "true or false",
  array: "a list",
  object: "an object",
};

function describe({ instancePath, keyword, params, data }: ErrorObject): string {
  const path = instancePath.slice(1).replaceAll("/", ".").replaceAll("~1", "/").replaceAll("~0", "~");
  const place = path === "" ? "the record" : path;
  if (keyword === "required") {
    const missing = (params as { missingProperty: string }).missingProperty;
    return `${path === "" ? "" : `${path}.`}${missing}: expected a value, found none`;
  }
  return `${place}: expected ${expectation(keyword, params)}, found ${excerpt(data)}`;
}

function expectation(keyword: string, params: Record<string, unknown>): string {
  if (keyword === "type") {
    const types = [params["type"]].flat() as string[];
    return types
      .map((type) => articles[type] ?? type)
      .sort((one) => (one === "null" ? 1 : -1))
      .join(" or ");
  }
  if (keyword === "minimum") return `a number of at least ${params["limit"]}`;
  if (keyword === "maximum") return `a number of at most ${params["limit"]}`;
  return `what its schema says (${keyword})`;
}

function excerpt(data: unknown): string {
  const text = JSON.stringify(data) ?? "nothing";
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
