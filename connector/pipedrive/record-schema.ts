import { Ajv, type ErrorObject, type ValidateFunction } from "ajv";
import type { ScalarType } from "../mapping/scalar.ts";
import type { Json, JsonObject } from "../mapping/value.ts";
import type { StreamName } from "../stream-name.ts";
import { glanceKeys, readSchemas } from "./streams.ts";

/** The JSON Schema of a stream's records, made ready for use. */
export interface RecordSchema {
  /** Keys of built-in times (format date-time). */
  times: readonly string[];
  /** Keys of built-in booleans. */
  flags: readonly string[];
  /** Built-in fields that hold one value, with its type. */
  scalars: readonly (readonly [key: string, type: ScalarType])[];
  /**
   * Why a record cannot be placed among the others: where, what was expected, what was found; undefined when it can. Only what
   * the connector itself goes by is looked at: a field that nothing reads is no reason to lose the record.
   */
  misplacement(record: Json): string | undefined;
  /** The same of every field that the schema names. */
  problemOf(record: Json): string | undefined;
}

interface PropertySchema extends JsonObject {
  type: string | string[];
}

const compiled = new Map<StreamName, RecordSchema>();

/**
 * The schema of a stream, made ready when it is first asked for: a command that parses no record does not pay for it.
 * Formats are told to those who read the schema and not enforced: real accounts hold dates such as 0000-00-00, and the
 * record is worth more than its one date.
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

/** What landing, selecting and settling look at in records themselves, whatever the mapping reads. */
const placingKeys = new Set([...glanceKeys, "id", "update_time"]);

const scalarTypes: readonly ScalarType[] = ["string", "number", "integer", "boolean"];

/** The check is made when it is first needed. */
function problemBy(schema: JsonObject): (record: Json) => string | undefined {
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
