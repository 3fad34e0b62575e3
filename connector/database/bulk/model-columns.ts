import type { ModelName } from "../../model-name.ts";
import { modelNames } from "../../model-name.ts";
import { models, type PropertyType } from "../../planhat/models.ts";
import { instantText } from "./instant-text.ts";

/** A Postgres type that a property's column may have. */
export type ColumnType = "text" | "date" | "timestamptz" | "numeric" | "bigint" | "boolean" | "jsonb";

/** A column of a model's table that holds one property of its schema. */
export interface ModelColumn {
  name: string;
  type: ColumnType;
}

const columnTypes: Record<PropertyType, ColumnType> = {
  string: "text",
  date: "date",
  "date-time": "timestamptz",
  number: "numeric",
  integer: "bigint",
  boolean: "boolean",
  array: "jsonb",
  object: "jsonb",
};

/** Properties whose values have a column of their own in every table. */
const ownColumns = new Set([
  "id",
  "planhat_id",
  "source_id",
  "external_id",
  "company_id",
  "custom",
  "created_at",
  "updated_at",
]);

/** The columns that hold the properties of each model, in the order of its schema (contract, section 6). */
export const modelColumns: Readonly<Record<ModelName, readonly ModelColumn[]>> = Object.fromEntries(
  modelNames.map((model) => [
    model,
    [...models[model].values()]
      .filter(({ column }) => !ownColumns.has(column))
      .map(({ column, type }) => ({ name: column, type: columnTypes[type] })),
  ]),
) as unknown as Record<ModelName, ModelColumn[]>;

/** Returns a name as a quoted SQL identifier: a property may be named like a keyword (`primary`). */
export function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** Returns the SQL of a column's canonical text, by which two values are compared; null for NULL. */
export function canonicalText({ name, type }: ModelColumn, table: string): string {
  const column = `${table}.${identifier(name)}`;
  if (type === "numeric") return `trim_scale(${column})::text`;
  if (type === "timestamptz") return instantText(column);
  return `${column}::text`;
}
