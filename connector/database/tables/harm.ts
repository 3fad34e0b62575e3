import { type ModelName, tableOf } from "../../model-name.ts";
import type { StreamName } from "../../stream-name.ts";
import type { Queryable, Transaction } from "../database.ts";

/** The harmed things: rows of the Planhat tables, or objects in Planhat. */
export type HarmScope = "rows" | "objects";

/** The number of a model's harmed items since everything was last done completely, and how many of them are gone. */
export interface Harmed {
  harmed: number;
  gone: number;
}

/**
 * Adds a transaction's harm to the harm since everything was last done completely, and returns the sum. A rollback
 * takes it back. Another transaction that harms the same model waits for this one.
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

/** Restarts the count of harmed rows if the mapping differs from that of the last run. */
export async function forgetHarmOf(transaction: Transaction, fingerprint: string): Promise<void> {
  await transaction.query(
    `delete from connector.harm where scope = 'rows' and exists (
       select from connector.catalog where key = 'mapping' and value <> to_jsonb($1::text))`,
    [fingerprint],
  );
}

/** Reads the harm of a model since everything was last done completely. */
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

/** Counts the objects of a model that Planhat received from this database. */
export async function countObjects(queryable: Queryable, model: ModelName): Promise<number> {
  const [row] = await queryable.query<{ count: string }>(
    "select count(*) as count from connector.published where model = $1 and planhat_id is not null",
    [model],
  );
  return Number(row?.count);
}

/** Returns whether Planhat has objects whose rows were harmed since it took them. */
export async function hasHarmedObjects(queryable: Queryable): Promise<boolean> {
  const [row] = await queryable.query<{ found: boolean }>(
    "select exists (select from connector.published where harmed) as found",
  );
  return row?.found === true;
}

/** Marks published rows as harmed since Planhat accepted them. */
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

/** Keys by which a record names records of other streams. */
const keys = { organizations: "org_id", persons: "person_id", deals: "deal_id" } as const;

/** The state of the streams at some earlier moment. */
export interface KnownThen {
  since: string;
  known: Readonly<Partial<Record<StreamName, string | null>>>;
  lookedInto: readonly (keyof typeof keys)[];
}

/**
 * Returns which of the given records changed in Pipedrive since then, or are related to a record that did and that the
 * mapping reads. A record that landed again only because more of it is requested has an older update time and is left
 * out.
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

/** Seconds by which a change may appear in the lists after a newer one. */
const overlap = 60;
