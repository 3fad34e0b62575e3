import type { JsonObject } from "../mapping/value.ts";
import { type ModelName, tableOf } from "../model-name.ts";
import type { Queryable, Transaction } from "./database.ts";
import { instantText } from "./instant-text.ts";
import { jsonBatches } from "./json-batches.ts";
import { canonicalText, identifier, modelColumns } from "./model-columns.ts";

export type { RowWrite } from "./incoming-row.ts";
export { createRows, type StoredRowId, storeRows } from "./store-rows.ts";

/** A row of a model's table as it stands. */
export interface StoredRow {
  /** The row's own id, a bigint as text. */
  id: string;
  sourceId: string;
  /** The row id of its company; null for companies. */
  companyId: string | null;
  externalId: string | null;
  /**
   * Each property's column in its canonical text: numbers without trailing zeros, dates YYYY-MM-DD, instants
   * 2026-01-31T10:00:00Z with a fraction only if there is one, true or false, JSON; null for NULL.
   */
  columns: Record<string, string | null>;
  /** Custom fields by Planhat's name; one that was cleared is null, one that was never set is absent. */
  custom: JsonObject;
  /** When the row last changed, by whomever: an instant in canonical text. */
  updatedAt: string;
}

/** The rows of a model with the given source ids; those that are not there are left out. */
export async function readRows(
  queryable: Queryable,
  model: ModelName,
  sourceIds: readonly string[],
): Promise<StoredRow[]> {
  return readWhere<StoredRow>(queryable, model, "r.source_id = any($1::text[])", sourceIds);
}

/** A company as it stands, linked or not. */
export type StoredCompany = Omit<StoredRow, "sourceId"> & { sourceId: string | null };

/** The companies with the given row ids; those that are not there are left out. */
export async function readCompanies(queryable: Queryable, ids: readonly string[]): Promise<StoredCompany[]> {
  return readWhere<StoredCompany>(queryable, "company", "r.id = any($1::bigint[])", ids);
}

/** Whether there is any company. */
export async function hasCompanies(queryable: Queryable): Promise<boolean> {
  const [row] = await queryable.query<{ found: boolean }>("select exists (select from planhat.companies) as found");
  return row?.found === true;
}

/** A company that was made in Planhat, with the columns that it has. */
export interface MadeCompany {
  planhatId: string;
  columns: Readonly<Record<string, string | null>>;
  custom: JsonObject;
}

/**
 * Stores companies that have no Pipedrive id, by Planhat's. One that is there and has none yet is changed, and what it has
 * and the given one lacks becomes NULL; one that has is left alone. Returns how many were new or changed.
 */
export async function storeMadeCompanies(transaction: Transaction, made: readonly MadeCompany[]): Promise<number> {
  const names = new Set(made.flatMap(({ columns }) => Object.keys(columns)));
  const columns = modelColumns.company.filter(({ name }) => names.has(name));
  const list = columns.map(({ name }) => identifier(name));
  const all = ["custom", ...list];
  let count = 0;
  for (const batch of jsonBatches(made, 2000, ({ planhatId, columns: own, custom }) =>
    JSON.stringify({ planhat_id: planhatId, custom, ...own }),
  )) {
    const rows = await transaction.query(
      `insert into planhat.companies as c (planhat_id, ${all.join(", ")})
       select planhat_id, ${["custom", ...columns.map(({ name, type }) => `${identifier(name)}::${type}`)].join(", ")}
       from json_to_recordset($1) as new (planhat_id text, custom jsonb${list.map((name) => `, ${name} text`).join("")})
       on conflict (planhat_id) do update set ${all.map((name) => `${name} = excluded.${name}`).join(", ")}
       where c.source_id is null and (${all.map((name) => `c.${name}`).join(", ")}) is distinct from (${all.map((name) => `excluded.${name}`).join(", ")})
       returning id`,
      [batch],
    );
    count += rows.length;
  }
  return count;
}

/** Gives a company the Pipedrive id that it has none of yet; returns whether it did. */
export async function linkCompany(transaction: Transaction, id: string, sourceId: string): Promise<boolean> {
  const rows = await transaction.query(
    "update planhat.companies set source_id = $2 where id = $1 and source_id is null returning id",
    [id, sourceId],
  );
  return rows.length > 0;
}

async function readWhere<Row extends StoredCompany>(
  queryable: Queryable,
  model: ModelName,
  condition: string,
  values: readonly string[],
): Promise<Row[]> {
  if (values.length === 0) return [];
  const columns = modelColumns[model];
  const texts = columns.map((column, index) => `, ${canonicalText(column, "r")} as c${index}`).join("");
  const rows = await queryable.query<Record<string, unknown>>(
    `select r.id, r.source_id, r.external_id, r.custom, ${instantText("r.updated_at")} as updated_at,
            ${model === "company" ? "null" : "r.company_id"} as company_id${texts}
     from planhat.${tableOf[model]} as r where ${condition}`,
    [values],
  );
  return rows.map((row) => ({
    id: row["id"] as string,
    sourceId: row["source_id"] as string | null,
    companyId: row["company_id"] as string | null,
    externalId: row["external_id"] as string | null,
    columns: Object.fromEntries(columns.map(({ name }, index) => [name, row[`c${index}`] as string | null])),
    custom: row["custom"] as JsonObject,
    updatedAt: row["updated_at"] as string,
  })) as Row[];
}

/** The row ids of the companies with the given source ids, by source id; those that are not there are left out. */
export async function companyRowIds(queryable: Queryable, sourceIds: readonly string[]): Promise<Map<string, string>> {
  if (sourceIds.length === 0) return new Map();
  const rows = await queryable.query<{ id: string; source_id: string }>(
    "select id, source_id from planhat.companies where source_id = any($1::text[])",
    [sourceIds],
  );
  return new Map(rows.map(({ id, source_id }) => [source_id, id]));
}

/** Removes rows by source id, and returns how many there were: only a deal that became another model does this. */
export async function deleteRows(
  transaction: Transaction,
  model: ModelName,
  sourceIds: readonly string[],
): Promise<number> {
  const rows = await transaction.query(
    `delete from planhat.${tableOf[model]} where source_id = any($1::text[]) returning id`,
    [sourceIds],
  );
  return rows.length;
}

/** How many rows a model has. */
export async function countRows(queryable: Queryable, model: ModelName): Promise<number> {
  const [count] = await queryable.query<{ rows: string }>(`select count(*) as rows from planhat.${tableOf[model]}`);
  return Number(count?.rows);
}
