import type { StoredCompany } from "../../database/row.ts";
import type { JsonObject } from "../../mapping/value.ts";
import type { ModelName } from "../../model-name.ts";
import { models } from "../../planhat/models.ts";
import { fieldJson } from "./row-action.ts";

/**
 * Returns the values of a row by Planhat's names. Properties without a value are left out; a custom field that was
 * cleared is null.
 */
export function rowValues(model: ModelName, row: Pick<StoredCompany, "columns" | "custom">): JsonObject {
  const values: JsonObject = {};
  for (const field of models[model].keys()) {
    const value = fieldJson(model, field, row);
    if (value !== null) values[field] = value;
  }
  for (const name of Object.keys(row.custom)) values[`custom.${name}`] = fieldJson(model, `custom.${name}`, row);
  return values;
}
