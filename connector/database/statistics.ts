import { modelNames, tableOf } from "../model-name.ts";
import { streamNames } from "../stream-name.ts";
import type { Database } from "./database.ts";

const landing = [...streamNames.map((stream) => `pipedrive.${stream}`), "connector.pending"];
const rows = [...modelNames.map((model) => `planhat.${tableOf[model]}`), "connector.links"];

/**
 * Tells Postgres anew what the landing holds. Right after a large load it knows nothing of the new rows, and joins them
 * by reading whole tables: autovacuum comes too late, and the embedded database has none.
 */
export async function analyzeLanding(database: Database): Promise<void> {
  await analyze(database, landing);
}

/**
 * Tells Postgres what rows and links a large run has left: until autovacuum does, minutes later, it would look for those of
 * a few records among all of their stream. What updates and deletes have left behind is cleared besides.
 */
export async function analyzeRows(database: Database): Promise<void> {
  if (!database.rehearsal) await vacuumDeadRows(database);
  await analyze(database, rows);
}

async function analyze(database: Database, list: readonly string[]): Promise<void> {
  await database.transaction(async (transaction) => {
    // A sample of a tenth of the usual size tells what the joins need, and every record of it is unpacked.
    await transaction.query("set local default_statistics_target = 10");
    await transaction.query(`analyze ${list.join(", ")}`);
  });
}

/** From so many dead rows on a table is worth clearing. */
const manyDead = 10_000;

/**
 * Clears what updates, deletes and rolled back transactions have left behind in the embedded database, which has no autovacuum,
 * where that is much. What has no dead rows is left as it is: to look through all of it would write most of it to the log.
 */
export async function vacuumDeadRows(database: Database): Promise<void> {
  if (database.kind !== "embedded") return;
  // Otherwise the last second is not counted yet (Postgres manual, "The Cumulative Statistics System").
  await database.query("select pg_stat_force_next_flush()");
  const tables = await database.query<{ name: string }>(
    `select quote_ident(schemaname) || '.' || quote_ident(relname) as name from pg_stat_user_tables
     where schemaname in ('pipedrive', 'planhat', 'connector') and n_dead_tup > $1`,
    [manyDead],
  );
  if (tables.length === 0) return;
  const list = tables.map(({ name }) => name);
  await database.query(`vacuum ${list.join(", ")}`);
  await analyze(database, list);
}
