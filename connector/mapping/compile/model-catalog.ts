import type { ModelName } from "../../model-name.ts";

/** One property of a Planhat model, as its JSON Schema in `schemas/planhat/` declares it. */
export interface ModelCatalogProperty {
  /** Planhat's name: `firstName`, `_currency`. */
  name: string;
  type: "string" | "number" | "integer" | "boolean" | "array" | "object";
  format?: "date" | "date-time";
  /** True if Planhat rejects an object without it. */
  required: boolean;
  description: string;
}

/** The properties that a mapping may fill, by model. */
export type ModelCatalog = Readonly<Record<ModelName, readonly ModelCatalogProperty[]>>;
