import type { Json, JsonObject } from "../../mapping/value.ts";
import { type ModelName, tableOf } from "../../model-name.ts";
import { columnJson } from "../../planhat/column-value.ts";
import { models } from "../../planhat/models.ts";
import { recordIdSql, streamSql } from "../../source-id.ts";
import { identifier } from "../bulk/model-columns.ts";
import type { Queryable, Transaction } from "../database.ts";
import { readRows } from "../rows/stored-row.ts";
import { type WordPattern, withoutWords } from "./word-pattern.ts";

/** The records that name a person, by id. */
export interface NamingRecords {
  deals: number[];
  notes: number[];
  /** Notes on the person and nothing else. */
  onlyOnPerson: number[];
}

/** Finds the landed deals and notes of persons. */
export async function recordsNaming(queryable: Queryable, ids: readonly number[]): Promise<NamingRecords> {
  const deals = await queryable.query<{ id: string }>(
    "select id from pipedrive.deals where (record->>'person_id')::bigint = any($1::bigint[]) order by id",
    [ids],
  );
  const notes = await queryable.query<{ id: string; alone: boolean }>(
    `select id, record->>'deal_id' is null and record->>'org_id' is null as alone
     from pipedrive.notes where (record->>'person_id')::bigint = any($1::bigint[]) order by id`,
    [ids],
  );
  return {
    deals: deals.map(({ id }) => Number(id)),
    notes: notes.map(({ id }) => Number(id)),
    onlyOnPerson: notes.filter(({ alone }) => alone).map(({ id }) => Number(id)),
  };
}

/** Removes the name that notes of a person embed. Returns how many notes. */
export async function clearEmbedded(transaction: Transaction, ids: readonly number[]): Promise<number> {
  const rows = await transaction.query(
    `update pipedrive.notes set record = record - 'person'
     where (record->>'person_id')::bigint = any($1::bigint[]) and record ? 'person' returning id`,
    [ids],
  );
  return rows.length;
}

/**
 * Returns the source ids of a model's rows that are, were or would be made of the given deals or their products: those
 * of rows that are gone still stand in what is remembered.
 */
export async function rowsOfDeals(
  queryable: Queryable,
  model: ModelName,
  dealIds: readonly number[],
): Promise<string[]> {
  if (dealIds.length === 0) return [];
  const rows = await queryable.query<{ source_id: string }>(
    `select source_id from (
       select source_id from planhat.${tableOf[model]}
       union select source_id from connector.changes where model = $4
       union select source_id from connector.holds where model = $4
       union select unnest($1::text[])
     ) as known
     where (not $3 and split_part(source_id, '-', 1) = any($1::text[])) or source_id = any($2::text[])
        or ($3 and source_id in (select id::text from pipedrive.deal_products
                                 where (record->>'deal_id')::bigint = any($1::bigint[])))
     order by source_id`,
    [dealIds.map(String), dealIds.map((id) => `deal-${id}`), model === "lineitem", model],
  );
  return rows.map(({ source_id }) => source_id);
}

/**
 * Sets fields of rows to NULL: the given ones, which the mapping reads from the person, and those that hold one of the
 * person's values. Returns the source ids of the rows that changed. Keeps no change: it would hold the values.
 */
export async function clearRows(
  transaction: Transaction,
  model: ModelName,
  sourceIds: readonly string[],
  { fields, pattern }: { fields: ReadonlySet<string>; pattern: WordPattern | undefined },
): Promise<string[]> {
  const cleared: string[] = [];
  for (const { sourceId, columns, custom } of await readRows(transaction, model, sourceIds)) {
    const goes = (name: string, value: Json) =>
      value !== null && (fields.has(name) || (pattern !== undefined && isOnly(value, pattern)));
    const names = [...models[model].values()]
      .filter((property) => goes(property.name, columnJson(property, columns[property.column] ?? null)))
      .map(({ column }) => column);
    const keys = Object.keys(custom).filter((name) => goes(`custom.${name}`, custom[name]!));
    if (names.length + keys.length === 0) continue;
    const nulls: JsonObject = Object.fromEntries(keys.map((key) => [key, null]));
    const assigned = names.map((name) => `${identifier(name)} = null, `).join("");
    await transaction.query(
      `update planhat.${tableOf[model]} set ${assigned}custom = custom || $2::jsonb where source_id = $1`,
      [sourceId, JSON.stringify(nulls)],
    );
    cleared.push(sourceId);
  }
  return cleared;
}

/** Returns whether a value is one of the words and nothing else; free text that holds one is left to people. */
function isOnly(value: Json, pattern: WordPattern): boolean {
  if (typeof value === "string") return pattern.finds(value) && pattern.replace(value, "").trim() === "";
  if (Array.isArray(value)) return value.some((one) => isOnly(one, pattern));
  return value !== null && typeof value === "object" && Object.values(value).some((one) => isOnly(one, pattern));
}

/** Tables of the connector's memory, with the columns that hold values of records. */
const memories = {
  "connector.changes": { id: "id", columns: ["before", "after", "because"] },
  "connector.holds": { id: "id", columns: ["taken", "restored"] },
  "connector.conflicts": { id: "id", columns: ["base", "pipedrive", "planhat"] },
  "connector.rejections": { id: "id", columns: ["value", "record"] },
} as const;

/** Memories that are of no use without their values: the row goes. */
const whole: ReadonlySet<string> = new Set(["connector.holds", "connector.conflicts"]);
/** Rows read at once: a change may hold a note of 1 MB twice. */
const atOnce = 200;

/**
 * Removes a person's values from what the connector remembers of other records: former values, values that lost, and
 * what was refused. Returns the number of rows for each table.
 */
export async function clearMemories(
  transaction: Transaction,
  pattern: WordPattern,
): Promise<{ table: string; removed: number }[]> {
  const cleared: { table: string; removed: number }[] = [];
  for (const [table, { columns }] of Object.entries(memories)) {
    const texts = columns.map((column) => `coalesce(${column}::text, '')`).join(" || ' ' || ");
    const found = await transaction.query<{ id: string }>(`select id from ${table} where ${texts} ~* $1 order by id`, [
      pattern.sql,
    ]);
    const ids = found.map(({ id }) => id);
    if (whole.has(table)) await transaction.query(`delete from ${table} where id = any($1::bigint[])`, [ids]);
    else await stripRows(transaction, { table, columns, ids }, pattern);
    cleared.push({ table, removed: ids.length });
  }
  cleared.find(({ table }) => table === "connector.rejections")!.removed += await clearReasons(transaction, pattern);
  cleared.push({ table: "connector.runs", removed: await clearErrors(transaction, pattern) });
  return cleared;
}

/**
 * Removes fields, which the mapping reads from a person, from what is remembered of rows of a model: the given ones,
 * and those whose changes show the person. No word need tell the values: a job title is one of them. Returns the number
 * of rows for each table.
 */
export async function clearFieldMemories(
  transaction: Transaction,
  model: ModelName,
  sourceIds: readonly string[],
  { fields, pattern }: { fields: ReadonlySet<string>; pattern: WordPattern | undefined },
): Promise<{ table: string; removed: number }[]> {
  if (fields.size === 0) return [];
  const former = await transaction.query<{ id: string }>(
    `select distinct source_id as id from connector.changes
     where model = $1 and source_id is not null
       and coalesce(before::text, '') || ' ' || coalesce(after::text, '') ~* $2`,
    [model, pattern?.sql ?? null],
  );
  const all = [...new Set([...sourceIds, ...former.map(({ id }) => id)])];
  if (all.length === 0) return [];
  const cleared: { table: string; removed: number }[] = [];
  for (const [table, statement] of fieldMemories(model)) {
    const rows = await transaction.query(statement, [model, all, [...fields]]);
    cleared.push({ table, removed: rows.length });
  }
  return cleared;
}

/** The statements for a model: $1 is its name, $2 are source ids of rows, $3 the fields. */
const fieldMemories = (model: ModelName): readonly (readonly [table: string, statement: string])[] => [
  [
    "connector.changes",
    `update connector.changes set before = before - $3::text[], after = after - $3::text[]
     where model = $1 and source_id = any($2::text[]) and (before ?| $3::text[] or after ?| $3::text[]) returning 1`,
  ],
  [
    "connector.holds",
    `delete from connector.holds
     where model = $1 and source_id = any($2::text[]) and field = any($3::text[]) returning 1`,
  ],
  [
    "connector.rejections",
    `update connector.rejections as r set value = null, reason = '(forgotten)'
     where r.model = $1 and r.field = any($3::text[]) and (r.value is not null or r.reason <> '(forgotten)')
       and exists (select from unnest($2::text[]) as s (id)
                   where r.stream = ${streamSql(model, "s.id")} and r.record_id = ${recordIdSql("s.id")}) returning 1`,
  ],
];

async function stripRows(
  transaction: Transaction,
  { table, columns, ids }: { table: string; columns: readonly string[]; ids: readonly string[] },
  pattern: WordPattern,
): Promise<void> {
  for (let start = 0; start < ids.length; start += atOnce) {
    const rows = await transaction.query<Record<string, Json>>(
      `select id, ${columns.join(", ")} from ${table} where id = any($1::bigint[])`,
      [ids.slice(start, start + atOnce)],
    );
    for (const row of rows) {
      const stripped = columns.map((column) => {
        const rest = row[column] === null ? null : withoutWords(row[column]!, pattern);
        return rest === null || rest === undefined ? null : JSON.stringify(rest);
      });
      const assigned = columns.map((column, index) => `${column} = $${index + 2}`).join(", ");
      await transaction.query(`update ${table} set ${assigned} where id = $1`, [row["id"], ...stripped]);
    }
  }
}

const hidden = "(forgotten)";

async function clearReasons(transaction: Transaction, pattern: WordPattern): Promise<number> {
  const rows = await transaction.query<{ id: string; reason: string }>(
    "select id, reason from connector.rejections where reason ~* $1",
    [pattern.sql],
  );
  for (const { id, reason } of rows) {
    const told = pattern.replace(reason, hidden);
    await transaction.query("update connector.rejections set reason = $2 where id = $1", [id, told]);
  }
  return rows.length;
}

async function clearErrors(transaction: Transaction, pattern: WordPattern): Promise<number> {
  const rows = await transaction.query<{ id: string; error: string | null; summary: JsonObject | null }>(
    "select id, error, summary from connector.runs where coalesce(error, '') || ' ' || coalesce(summary::text, '') ~* $1",
    [pattern.sql],
  );
  for (const { id, error, summary } of rows) {
    await transaction.query("update connector.runs set error = $2, summary = $3 where id = $1", [
      id,
      error === null ? null : pattern.replace(error, hidden),
      summary === null ? null : JSON.stringify(withoutWords(summary, pattern)),
    ]);
  }
  return rows.length;
}
