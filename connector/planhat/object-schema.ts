import type { Json, JsonObject } from "../mapping/value.ts";
import { type ModelName, parentOf } from "../model-name.ts";
import { type ModelProperty, models, type PropertyType } from "./models.ts";

/** The field by which a record of another source finds its row. */
export const objectKey = "externalId";

/** The form in which a record names the row to which its own belongs, as Planhat's API takes it too. */
export const parentForm = /^(extid|srcid)-(.+)$/s;

const types: Readonly<Record<PropertyType, JsonObject>> = {
  string: { type: "string" },
  date: { type: "string", format: "date" },
  "date-time": { type: "string", format: "date-time", airbyte_type: "timestamp_with_timezone" },
  number: { type: "number" },
  integer: { type: "integer" },
  boolean: { type: "boolean" },
  array: { type: "array" },
  object: { type: "object" },
};

/** The field in which an object of a model names what it belongs to; undefined for companies. */
export function parentFieldOf(model: ModelName): "companyId" | "dealId" | undefined {
  const parent = parentOf[model];
  return parent === undefined ? undefined : parent === "deal" ? "dealId" : "companyId";
}

/** Returns whether a field of a record can be stored in a row of a model. */
export function isObjectField(model: ModelName, field: string): boolean {
  if (field === objectKey || field === parentFieldOf(model)) return true;
  return isGiven(model, models[model].get(field)) || /^custom\../s.test(field);
}

/** The connector itself sets the type of notes. */
function isGiven(model: ModelName, property: ModelProperty | undefined): boolean {
  return property !== undefined && property.own !== true && !(model === "note" && property.name === "type");
}

/**
 * Returns the JSON Schema of a model's objects for the records of another source, with these custom fields. `isNew`
 * says that records may make rows, so that what Planhat requires is required.
 */
export function objectSchema(model: ModelName, custom: Iterable<string>, isNew: boolean): JsonObject {
  const parent = parentFieldOf(model);
  const given = [...models[model].values()].filter((property) => isGiven(model, property));
  const properties: [string, Json][] = [
    [objectKey, { type: "string", description: "The id in the source: the row is found by it." }],
    ...(parent === undefined ? [] : [[parent, ofParent(parent)] as [string, Json]]),
    ...given.map(({ name, type, required, description }): [string, Json] => [
      name,
      { ...types[type], ...(required ? {} : { type: ["null", types[type]["type"]!] }), description },
    ]),
    ...[...custom].sort().map((name): [string, Json] => [`custom.${name}`, { type: customTypes }]),
  ];
  const needed = [...(parent === undefined ? [] : [parent]), ...given.filter(({ required }) => required).map(nameOf)];
  return {
    type: "object",
    required: [objectKey, ...(isNew ? needed : [])],
    additionalProperties: true,
    properties: Object.fromEntries(properties),
  };
}

const customTypes = ["null", "string", "number", "boolean", "array", "object"];

function nameOf({ name }: ModelProperty): string {
  return name;
}

function ofParent(field: "companyId" | "dealId"): JsonObject {
  const what = field === "dealId" ? "deal" : "company";
  return {
    type: "string",
    description: `The ${what}: extid-<externalId> of one from a source like this, srcid-<id> of one from Pipedrive.`,
  };
}
