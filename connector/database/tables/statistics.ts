import { modelNames, tableOf } from "../../model-name.ts";
import { streamNames } from "../../stream-name.ts";
import type { Database } from "../database.ts";

const landing = [...streamNames.map((stream) => `pipedrive.${stream}`), "connector.pending"];
const rows = [...modelNames.map((model) => `planhat.${tableOf[model]}`), "connector.links"];

/**
 * Updates Postgres's statistics of the landing. Right after a large load Postgres does not know the new rows, and joins
 * them by reading whole tables. Autovacuum comes too late, and the embedded database has none.
 */
export async function analyzeLanding(database: Database): Promise<void> {
  await analyze(database, landing);
}

/**
 * Updates Postgres's statistics of rows and links after a large run. Until autovacuum does so, minutes later, Postgres
 * would find those of a few records by scanning all of their stream. Also clears what updates and deletes left behind.
 */
export async function analyzeRows(database: Database): Promise<void> {
  if (!database.rehearsal) await vacuumDeadRows(database);
  await analyze(database, rows);
}

async function analyze(database: Database, list: readonly string[]): Promise<void> {
  await database.transaction(async (transaction) => {
    // A sample of a tenth of the usual size is enough for the joins, and each record in it is unpacked.
    await transaction.query("set local default_statistics_target = 10");
    await transaction.query(`analyze ${list.join(", ")}`);
  });
}

/** Dead rows from which clearing a table pays. */
const manyDead = 10_000;

/**
 * Clears dead rows of updates, deletes and rolled-back transactions in the embedded database, which has no autovacuum,
 * where there are many. Other tables are skipped: a vacuum would write most of their pages to the log.
 */
export async function vacuumDeadRows(database: Database): Promise<void> {
  if (database.kind !== "embedded") return;
  // Without a flush the last second is not counted yet (Postgres manual, "The Cumulative Statistics System").
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
