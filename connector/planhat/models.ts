import { readFileSync } from "node:fs";
import type { ModelCatalog } from "../mapping/compile/model-catalog.ts";
import { type ModelName, modelNames } from "../model-name.ts";
import { packageRoot } from "../package-root.ts";

/** The JSON type of a property, with `date` and `date-time` for strings of that format. */
export type PropertyType = "string" | "date" | "date-time" | "number" | "integer" | "boolean" | "array" | "object";

/** One property of a Planhat model, which is one column of its table. */
export interface ModelProperty {
  /** Planhat's name: `firstName`, `_currency`. */
  name: string;
  /** The column's name: `first_name`, `currency`. */
  column: string;
  type: PropertyType;
  /** True if Planhat rejects an object without it. */
  required: boolean;
  /** True if the connector sets it, and no mapping may. */
  own?: true;
  /** The number must be greater than this; undefined if any is valid. */
  above?: number;
  description: string;
}

interface PropertySchema {
  type: Exclude<PropertyType, "date" | "date-time">;
  format?: "date" | "date-time";
  exclusiveMinimum?: number;
  readOnly?: boolean;
  description: string;
}

/** The properties of every model by their Planhat name, as `schemas/planhat/*.json` declare them. */
export const models: Readonly<Record<ModelName, ReadonlyMap<string, ModelProperty>>> = Object.fromEntries(
  modelNames.map((model) => [model, readModel(model)]),
) as Record<ModelName, Map<string, ModelProperty>>;

function readModel(model: ModelName): Map<string, ModelProperty> {
  const schema = JSON.parse(readFileSync(`${packageRoot}schemas/planhat/${model}.json`, "utf8")) as {
    required?: string[];
    properties: Record<string, PropertySchema>;
  };
  return new Map(
    Object.entries(schema.properties).map(([name, property]) => [
      name,
      {
        name,
        column: columnOf(name),
        type: property.format ?? property.type,
        required: schema.required?.includes(name) ?? false,
        ...(property.readOnly === true ? { own: true as const } : {}),
        ...(property.exclusiveMinimum === undefined ? {} : { above: property.exclusiveMinimum }),
        description: property.description,
      },
    ]),
  );
}

/** The properties as the mapping checks see them, without API code. */
export const modelCatalog: ModelCatalog = Object.fromEntries(
  modelNames.map((model) => [
    model,
    [...models[model].values()]
      .filter(({ own }) => own !== true)
      .map(({ name, type, required, description }) => ({
        name,
        ...(type === "date" || type === "date-time" ? { type: "string" as const, format: type } : { type }),
        required,
        description,
      })),
  ]),
) as unknown as ModelCatalog;

/** Returns the column of a property: snake_case, a leading underscore dropped (contract, section 6). */
export function columnOf(property: string): string {
  return property.replace(/^_/, "").replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
