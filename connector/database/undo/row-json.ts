import type { ModelName } from "../../model-name.ts";
import { tableOf } from "../../model-name.ts";
import { models } from "../../planhat/models.ts";
import { type ColumnType, canonicalText, identifier, modelColumns } from "../bulk/model-columns.ts";

/** A property of a model and its column. */
interface PropertyColumn {
  /** Planhat's name. */
  name: string;
  column: string;
  type: ColumnType;
}

/** Returns a model's properties that have a column of their own, and its keys, by Planhat's names. */
export function propertyColumns(model: ModelName): PropertyColumn[] {
  const typeOf = new Map(modelColumns[model].map(({ name, type }) => [name, type]));
  const properties = [...models[model].values()].flatMap(({ name, column }): PropertyColumn[] => {
    const type = typeOf.get(column);
    return type === undefined ? [] : [{ name, column, type }];
  });
  return [...properties, ...keysOf(model)];
}

function keysOf(model: ModelName): PropertyColumn[] {
  const external: PropertyColumn = { name: "externalId", column: "external_id", type: "text" };
  return model === "company" ? [external] : [external, { name: "companyId", column: "company_id", type: "bigint" }];
}

/** Returns the SQL of a column's value in a row `r`, in the form that changes store; SQL NULL for none. */
export function jsonOf({ name, column, type }: PropertyColumn): string {
  const cell = `r.${identifier(column)}`;
  if (type === "jsonb") return cell;
  if (name === "companyId") return `to_jsonb(${cell}::text)`;
  if (type === "numeric") return `to_jsonb(trim_scale(${cell}))`;
  if (type === "bigint" || type === "boolean") return `to_jsonb(${cell})`;
  return `to_jsonb(${canonicalText({ name: column, type }, "r")})`;
}

/** Returns the SQL of the value of a row `r` in the field that an expression names; SQL NULL for none. */
export function fieldOf(model: ModelName, field: string): string {
  const cases = propertyColumns(model).map((one) => `when '${one.name}' then ${jsonOf(one)}`);
  return `case ${field} ${cases.join(" ")} else r.custom -> substr(${field}, 8) end`;
}

/** Returns the SQL that is true if two values of a field are equal: JSON by meaning, others by their text. */
export function sameField(model: ModelName, field: string, one: string, other: string): string {
  const json = propertyColumns(model)
    .filter(({ type }) => type === "jsonb")
    .map(({ name }) => `'${name}'`);
  const isJson = [`${field} like 'custom.%'`, ...(json.length > 0 ? [`${field} in (${json.join(", ")})`] : [])];
  return `case when ${isJson.join(" or ")} then coalesce(${one}, 'null') = coalesce(${other}, 'null')
    else (${one} #>> '{}') is not distinct from (${other} #>> '{}') end`;
}

/** Returns the SQL of all values of a row `r`, by Planhat's names; NULL is left out. */
export function wholeRowJson(model: ModelName): string {
  const parts = propertyColumns(model).map(
    (one) =>
      `case when r.${identifier(one.column)} is null then '{}' else jsonb_build_object('${one.name}', ${jsonOf(one)}) end`,
  );
  const custom = `coalesce((select jsonb_object_agg('custom.' || key, value) from jsonb_each(r.custom)), '{}')`;
  return [...parts, custom].join("\n      || ");
}

/** Returns the SQL of a value of the JSON object `from` in its column's type. */
export function columnFrom({ name, type }: PropertyColumn, from: string): string {
  return type === "jsonb" ? `nullif(${from} -> '${name}', 'null')` : `(${from} ->> '${name}')::${type}`;
}

/** Returns the SQL of the custom fields in an object that holds a row by Planhat's names. */
export function customOf(from: string): string {
  return `coalesce((select jsonb_object_agg(substr(key, 8), value) from jsonb_each(${from}) where key like 'custom.%'), '{}')`;
}

/** Returns the SQL name of a model's table. */
export function tableNamed(model: ModelName): string {
  return `planhat.${tableOf[model]}`;
}
