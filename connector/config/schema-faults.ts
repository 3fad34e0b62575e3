import type { Json } from "../mapping/value.ts";
import type { PropertySchema } from "./specification.ts";

/** One fault of a value against its schema, at a path of keys: the JSON Schema keyword and its demand. */
export interface SchemaFault {
  path: string[];
  keyword: "type" | "required" | "const" | "enum" | "minLength" | "pattern" | "minimum" | "maximum";
  /** The keyword's value in the schema; for `required`, the one key that is missing. */
  demands: string | number | readonly string[];
}

/**
 * Returns every fault of a value against a part of spec.json. It knows the keywords of JSON Schema draft-07 that
 * spec.json uses, which a test checks. Compiling that one schema with ajv takes longer than all the rest of a short
 * command.
 */
export function schemaFaults(value: Json | undefined, schema: PropertySchema, path: string[] = []): SchemaFault[] {
  if (value === undefined) return [];
  const faults: SchemaFault[] = [];
  const demand = (keyword: SchemaFault["keyword"], holds: boolean) => {
    const demands = schema[keyword as keyof PropertySchema] as SchemaFault["demands"];
    if (!holds) faults.push({ path, keyword, demands });
  };
  if (schema.type !== undefined) demand("type", isOfType(value, schema.type));
  if (schema.const !== undefined) demand("const", value === schema.const);
  if (schema.enum !== undefined) demand("enum", schema.enum.includes(value as string));
  if (typeof value === "string") {
    const { minLength, pattern } = schema;
    // JSON Schema counts code points.
    if (minLength !== undefined) demand("minLength", [...value].length >= minLength);
    if (pattern !== undefined) demand("pattern", new RegExp(pattern, "u").test(value));
  }
  if (typeof value === "number" && schema.minimum !== undefined) demand("minimum", value >= schema.minimum);
  if (typeof value === "number" && schema.maximum !== undefined) demand("maximum", value <= schema.maximum);
  if (Array.isArray(value) && schema.items !== undefined) {
    for (const [index, element] of value.entries()) {
      faults.push(...schemaFaults(element, schema.items, [...path, String(index)]));
    }
  }
  if (typeof value === "object" && value !== null && !Array.isArray(value)) {
    for (const key of schema.required ?? []) {
      if (!Object.hasOwn(value, key)) faults.push({ path, keyword: "required", demands: key });
    }
    for (const [key, property] of Object.entries(schema.properties ?? {})) {
      if (Object.hasOwn(value, key)) faults.push(...schemaFaults(value[key], property, [...path, key]));
    }
  }
  return faults;
}

function isOfType(value: Json, type: string): boolean {
  switch (type) {
    case "object":
      return typeof value === "object" && value !== null && !Array.isArray(value);
    case "array":
      return Array.isArray(value);
    case "integer":
      return Number.isInteger(value);
    default:
      return typeof value === type;
  }
}
