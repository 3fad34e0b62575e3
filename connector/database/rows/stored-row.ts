import type { JsonObject } from "../../mapping/value.ts";
import { type ModelName, tableOf } from "../../model-name.ts";
import { instantText } from "../bulk/instant-text.ts";
import { canonicalText, modelColumns } from "../bulk/model-columns.ts";
import type { Queryable, Transaction } from "../database.ts";
import type { StoredCompany, StoredRow } from "../row.ts";

/** The columns to read: without the others rows come several times faster. */
export interface WantedColumns {
  /** Columns of properties. */
  columns: ReadonlySet<string>;
  /** False to read rows without custom fields. */
  custom: boolean;
}

/**
 * Returns the rows of a model with the given source ids; missing rows are left out. With `wanted` they have only the
 * wanted columns, and `updatedAt` only for companies.
 */
export async function readRows(
  queryable: Queryable,
  model: ModelName,
  sourceIds: readonly string[],
  wanted?: WantedColumns,
): Promise<StoredRow[]> {
  const rows = await readWhere<StoredRow>(queryable, model, { condition: bySourceId, values: sourceIds }, wanted);
  return queryable.asIf?.rows(model, sourceIds, rows) ?? rows;
}

/** Returns the companies with the given row ids; missing ones are left out. */
export async function readCompanies(queryable: Queryable, ids: readonly string[]): Promise<StoredCompany[]> {
  return readWhere<StoredCompany>(queryable, "company", { condition: "r.id = any($1::bigint[])", values: ids });
}

/** Returns the last changed rows of a model that belong to a company, given by its row's id, newest first. */
export async function readRowsOfCompany(
  queryable: Queryable,
  model: Exclude<ModelName, "company">,
  company: string,
  most: number,
): Promise<(StoredRow & { planhatId: string | null })[]> {
  const found = await queryable.query<{ source_id: string; planhat_id: string | null }>(
    `select source_id, planhat_id from planhat.${tableOf[model]} where company_id = $1 and source_id is not null
     order by updated_at desc, id desc limit $2`,
    [company, most],
  );
  const planhatIds = new Map(found.map(({ source_id, planhat_id }) => [source_id, planhat_id]));
  const places = new Map(found.map(({ source_id }, place) => [source_id, place]));
  const rows = await readRows(queryable, model, [...planhatIds.keys()]);
  return rows
    .map((row) => ({ ...row, planhatId: planhatIds.get(row.sourceId) ?? null }))
    .sort((one, other) => places.get(one.sourceId)! - places.get(other.sourceId)!);
}

const bySourceId = "r.source_id = any($1::text[])";

/** The data of a row, besides its values, that its history stores before a change or removal. */
export interface RowBeforeChange {
  planhatId: string | null;
  /** An instant in canonical text. */
  createdAt: string;
}

/**
 * Returns the rows of a model with the given source ids, locked against changes until the transaction ends. Other
 * sessions may still refer to them.
 */
export async function lockRows(
  transaction: Transaction,
  model: ModelName,
  sourceIds: readonly string[],
): Promise<(StoredRow & RowBeforeChange)[]> {
  return readWhere(transaction, model, { condition: `${bySourceId} ${locked}`, values: sourceIds, besides });
}

/** Returns the companies with the given ids of Planhat, locked like `lockRows`. */
export async function lockCompanies(
  transaction: Transaction,
  planhatIds: readonly string[],
): Promise<(StoredCompany & RowBeforeChange)[]> {
  const condition = `r.planhat_id = any($1::text[]) ${locked}`;
  return readWhere(transaction, "company", { condition, values: planhatIds, besides });
}

// A fixed order prevents deadlocks between sessions that lock several rows.
const locked = "order by r.id for no key update of r";
const besides = `, r.planhat_id as "planhatId", ${instantText("r.created_at")} as "createdAt"`;

async function readWhere<Row extends StoredCompany>(
  queryable: Queryable,
  model: ModelName,
  { condition, values, besides: more = "" }: { condition: string; values: readonly string[]; besides?: string },
  wanted?: WantedColumns,
): Promise<Row[]> {
  if (values.length === 0) return [];
  const columns = modelColumns[model].filter(({ name }) => wanted === undefined || wanted.columns.has(name));
  const custom = wanted === undefined || wanted.custom ? "r.custom" : "null as custom";
  const at = wanted === undefined || model === "company" ? instantText("r.updated_at") : "null";
  const texts = columns.map((column, index) => `, ${canonicalText(column, "r")} as c${index}`).join("");
  const rows = await queryable.query<Record<string, unknown>>(
    `select r.id, r.source_id, r.external_id, ${custom}, ${at} as updated_at,
            ${model === "company" ? "null" : "r.company_id"} as company_id${texts}${more}
     from planhat.${tableOf[model]} as r where ${condition}`,
    [values],
  );
  const names = columns.map(({ name }, index) => [name, `c${index}`] as const);
  return rows.map((row) => {
    const texts: Record<string, string | null> = {};
    for (const [name, key] of names) texts[name] = row[key] as string | null;
    return {
      id: row["id"] as string,
      sourceId: row["source_id"] as string | null,
      companyId: row["company_id"] as string | null,
      externalId: row["external_id"] as string | null,
      columns: texts,
      custom: (row["custom"] ?? {}) as JsonObject,
      updatedAt: (row["updated_at"] ?? "") as string,
      ...(more === "" ? {} : { planhatId: row["planhatId"], createdAt: row["createdAt"] }),
    };
  }) as unknown as Row[];
}
