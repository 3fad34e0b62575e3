import { type ModelName, tableOf } from "../model-name.ts";
import type { StreamName } from "../stream-name.ts";
import type { Queryable, Transaction } from "./database.ts";

/** What is harmed: rows of the Planhat tables, or objects in Planhat. */
export type HarmScope = "rows" | "objects";

/** How many of a model were harmed since all was last done to its end, and how many of those are gone. */
export interface Harmed {
  harmed: number;
  gone: number;
}

/**
 * Adds what a transaction harms to what was harmed since all was last done to its end, and returns the sum. It is taken
 * back where the transaction is rolled back, and another one that harms the same model waits for it.
 */
export async function addHarm(
  transaction: Transaction,
  { scope, model, runId }: { scope: HarmScope; model: ModelName; runId: string },
  { harmed, gone }: Harmed,
): Promise<Harmed> {
  const [sum] = await transaction.query<{ harmed: string; gone: string }>(
    `insert into connector.harm as known (scope, model, harmed, gone, run_id) values ($1, $2, $3, $4, $5)
     on conflict (scope, model) do update
     set harmed = known.harmed + excluded.harmed, gone = known.gone + excluded.gone, run_id = excluded.run_id
     returning harmed, gone`,
    [scope, model, harmed, gone, runId],
  );
  return { harmed: Number(sum?.harmed), gone: Number(sum?.gone) };
}

/** Begins to count the rows anew where the mapping is another one than that of the last run. */
export async function forgetHarmOf(transaction: Transaction, fingerprint: string): Promise<void> {
  await transaction.query(
    `delete from connector.harm where scope = 'rows' and exists (
       select from connector.catalog where key = 'mapping' and value <> to_jsonb($1::text))`,
    [fingerprint],
  );
}

/** Reads how many of a model were harmed since all was last done to its end. */
export async function readHarm(queryable: Queryable, scope: HarmScope, model: ModelName): Promise<Harmed> {
  const [sum] = await queryable.query<{ harmed: string; gone: string }>(
    "select harmed, gone from connector.harm where scope = $1 and model = $2",
    [scope, model],
  );
  return { harmed: Number(sum?.harmed ?? 0), gone: Number(sum?.gone ?? 0) };
}

/** Counts the rows of a model that are older than a run. */
export async function countRowsBefore(queryable: Queryable, model: ModelName, runId: string): Promise<number> {
  const [row] = await queryable.query<{ count: string }>(
    `select count(*) as count from planhat.${tableOf[model]}
     where created_at < (select started_at from connector.runs where id = $1)`,
    [runId],
  );
  return Number(row?.count);
}

/** Counts the rows of a model. */
export async function countRows(queryable: Queryable, model: ModelName): Promise<number> {
  const [row] = await queryable.query<{ count: string }>(`select count(*) as count from planhat.${tableOf[model]}`);
  return Number(row?.count);
}

/** Counts the objects of a model that Planhat has from this database. */
export async function countObjects(queryable: Queryable, model: ModelName): Promise<number> {
  const [row] = await queryable.query<{ count: string }>(
    "select count(*) as count from connector.published where model = $1 and planhat_id is not null",
    [model],
  );
  return Number(row?.count);
}

/** Notes of rows that they were harmed since Planhat took them, where it did. */
export async function markHarmed(
  transaction: Transaction,
  model: ModelName,
  sourceIds: readonly string[],
): Promise<void> {
  if (sourceIds.length === 0) return;
  await transaction.query(
    `update connector.published set harmed = true
     where model = $1 and source_id = any($2::text[]) and planhat_id is not null`,
    [model, sourceIds],
  );
}

/** The keys by which the records of a stream name others, and the streams of those. */
const keys = { organizations: "org_id", persons: "person_id", deals: "deal_id" } as const;

/** What was known of the streams when something began. */
export interface KnownThen {
  since: string;
  known: Readonly<Partial<Record<StreamName, string | null>>>;
  lookedInto: readonly (keyof typeof keys)[];
}

/**
 * Finds those of the given records that changed in Pipedrive since then and landed, or around which one did that the
 * mapping looks into. One that landed anew as it was, because more of it is asked for, has an older time than what was
 * known.
 */
export async function changedSince(
  queryable: Queryable,
  stream: StreamName,
  ids: readonly number[],
  { since, known, lookedInto }: KnownThen,
): Promise<Set<number>> {
  const parameters: unknown[] = [ids, since];
  const changed = (of: StreamName, record: string) => {
    parameters.push(known[of] ?? null);
    const isOld = `${record}.update_time < $${parameters.length}::timestamptz - interval '${overlap} seconds'`;
    return `(${record}.extracted_at >= $2 and (${isOld}) is not true)`;
  };
  const own = changed(stream, "r");
  const around = lookedInto.map(
    (other) =>
      `or exists (select from pipedrive.${other} as other
                  where other.id = (r.record->>'${keys[other]}')::bigint and ${changed(other, "other")})`,
  );
  const rows = await queryable.query<{ id: string }>(
    `select r.id from pipedrive.${stream} as r where r.id = any($1::bigint[]) and (${own} ${around.join(" ")})`,
    parameters,
  );
  return new Set(rows.map(({ id }) => Number(id)));
}

/** Seconds that a change may come to the lists after one that is newer. */
const overlap = 60;
