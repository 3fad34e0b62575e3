import { readFileSync } from "node:fs";
import type { Json, JsonObject } from "../mapping/value.ts";
import { packageRoot } from "../package-root.ts";

/** Airbyte's ConnectorSpecification, in the form of the package's spec.json. */
export interface Specification extends JsonObject {
  connectionSpecification: JsonObject;
}

/** Reads spec.json of the package. */
export function readSpecification(): Specification {
  return JSON.parse(readFileSync(`${packageRoot}spec.json`, "utf8")) as Specification;
}

/** A property of the config in spec.json: the keywords that loading needs. */
export interface PropertySchema {
  type?: string;
  properties?: Record<string, PropertySchema>;
  /** The schema of every element of an array. */
  items?: PropertySchema;
  required?: string[];
  /** The choices of an object; exactly one property of each has a `const`, which identifies the choice. */
  oneOf?: PropertySchema[];
  const?: string;
  enum?: string[];
  minLength?: number;
  pattern?: string;
  minimum?: number;
  maximum?: number;
  airbyte_secret?: boolean;
  default?: boolean | string | number | JsonObject;
}

/**
 * Returns the schema of the config for one document: each `oneOf` is replaced by the choice made in the document, so
 * that errors can name its faults. If none was made, the choice itself is required.
 */
export function schemaFor(document: Json | undefined): PropertySchema {
  return decided(readSpecification().connectionSpecification as PropertySchema, document);
}

function decided(schema: PropertySchema, value: Json | undefined): PropertySchema {
  const object = value !== null && typeof value === "object" && !Array.isArray(value) ? value : {};
  const { oneOf, ...rest } = schema;
  const chosen = oneOf === undefined ? rest : { ...rest, ...choiceOf(oneOf, object) };
  if (chosen.properties === undefined) return chosen;
  const properties = Object.entries(chosen.properties).map(([key, property]) => [key, decided(property, object[key])]);
  return { ...chosen, properties: Object.fromEntries(properties) };
}

function choiceOf(options: readonly PropertySchema[], object: JsonObject): PropertySchema {
  const constants = options.map((option) =>
    Object.entries(option.properties ?? {}).find(([, property]) => property.const !== undefined),
  );
  const index = constants.findIndex((entry) => entry !== undefined && object[entry[0]] === entry[1].const);
  if (index >= 0) return options[index]!;
  const key = constants[0]![0];
  const properties = Object.assign({}, ...options.map((option) => option.properties)) as Record<string, PropertySchema>;
  return {
    required: [key],
    properties: { ...properties, [key]: { type: "string", enum: constants.map((entry) => entry![1].const!) } },
  };
}
