import type { Json } from "../../mapping/value.ts";
import { type ModelName, tableOf } from "../../model-name.ts";
import type { Queryable } from "../database.ts";

/** The column that names a row of each model for users; notes have none. */
const nameColumn: Readonly<Partial<Record<ModelName, string>>> = {
  company: "name",
  enduser: "email",
  license: "product",
  sale: "product",
  deal: "name",
  lineitem: "name",
};

/** Returns the names of a model's rows with the given source ids; rows without a name are left out. */
export async function rowNames(
  queryable: Queryable,
  model: ModelName,
  sourceIds: readonly string[],
): Promise<Map<string, string>> {
  const column = nameColumn[model];
  if (column === undefined || sourceIds.length === 0) return new Map();
  const rows = await queryable.query<{ source_id: string; name: string }>(
    `select source_id, ${column} as name from planhat.${tableOf[model]}
     where source_id = any($1::text[]) and ${column} is not null`,
    [sourceIds],
  );
  return new Map(rows.map(({ source_id, name }) => [source_id, name]));
}

/** Returns the name of a row that would be created with the given fields; undefined if it has none. */
export function nameOfFields(model: ModelName, fields: Readonly<Record<string, { to: Json }>>): string | undefined {
  // These columns have the same names as their fields.
  const name = fields[nameColumn[model] ?? ""]?.to;
  return typeof name === "string" ? name : undefined;
}

/** Returns the source ids and names of companies by row id; a company created by hand has no source id. */
export async function companyNames(
  queryable: Queryable,
  rowIds: readonly string[],
): Promise<Map<string, { sourceId: string | null; name: string | null }>> {
  if (rowIds.length === 0) return new Map();
  const rows = await queryable.query<{ id: string; source_id: string | null; name: string | null }>(
    "select id, source_id, name from planhat.companies where id = any($1::bigint[])",
    [rowIds],
  );
  return new Map(rows.map(({ id, source_id, name }) => [id, { sourceId: source_id, name }]));
}

/** Returns the titles of landed deals, by id. */
export async function readTitles(queryable: Queryable, dealIds: readonly number[]): Promise<Map<number, string>> {
  if (dealIds.length === 0) return new Map();
  const rows = await queryable.query<{ id: string; title: string }>(
    `select id, record->>'title' as title from pipedrive.deals
     where id = any($1::bigint[]) and record->>'title' is not null`,
    [dealIds],
  );
  return new Map(rows.map(({ id, title }) => [Number(id), title]));
}
