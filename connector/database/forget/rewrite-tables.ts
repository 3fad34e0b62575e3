import { toldMessage } from "../../told-error.ts";
import { identifier } from "../bulk/model-columns.ts";
import type { Database } from "../database.ts";

/** Longest wait (ms) for readers of a table that is to be rewritten. */
const longestWait = 10_000;

/**
 * Rewrites tables, so that no dead copy of a removed row stays in their files, and renews the statistics, which hold
 * samples of values. Returns the tables that could not be rewritten, with the reason.
 */
export async function rewriteTables(
  database: Database,
  tables: readonly string[],
): Promise<{ table: string; because: string }[]> {
  const left: { table: string; because: string }[] = [];
  for (const table of tables) {
    try {
      await rewrite(database, table);
    } catch (error) {
      left.push({ table, because: toldMessage(error) });
    }
  }
  // A server lets only the database's owner do so, and warns others: autovacuum comes later.
  await database.query(`vacuum ${database.kind === "embedded" ? "(full) " : ""}pg_catalog.pg_statistic`);
  if (database.kind === "embedded") await dropOldLog(database);
  return left;
}

/** CLUSTER writes a new file like VACUUM FULL, and does so in a transaction, which can limit its wait. */
async function rewrite(database: Database, table: string): Promise<void> {
  const [schema, name] = table.split(".") as [string, string];
  const quoted = `${identifier(schema)}.${identifier(name)}`;
  await database.transaction(async (transaction) => {
    await transaction.query(`set local lock_timeout = ${longestWait}`);
    const [index] = await transaction.query<{ name: string }>(
      `select i.relname as name from pg_index as x join pg_class as i on i.oid = x.indexrelid
       where x.indrelid = $1::regclass and x.indisprimary`,
      [quoted],
    );
    await transaction.query(`cluster ${quoted} using ${identifier(index!.name)}`);
    await transaction.query(`alter table ${quoted} set without cluster`);
    await transaction.query(`analyze ${quoted}`);
  });
}

/** Files of the log that are passed at most: Postgres reuses few of so small a database. */
const mostLogFiles = 40;

/**
 * Removes the embedded database's log of the removed values. Postgres keeps old files of its log for reuse, with what
 * they held, unless it is told not to. After a kill there may be such files before it, so it goes on until none is.
 */
async function dropOldLog(database: Database): Promise<void> {
  await database.query("set wal_recycle = off");
  try {
    for (let count = 0; count < mostLogFiles; count++) {
      // The file written to now may be an old one itself, so the switch from it counts too.
      const [ahead] = await database.query<{ files: string }>(
        "select count(*) as files from pg_ls_waldir() where name > pg_walfile_name(pg_current_wal_insert_lsn())",
      );
      await database.query("select pg_switch_wal()");
      await database.query("checkpoint");
      if (count > 0 && Number(ahead?.files) === 0) break;
    }
  } finally {
    await database.query("reset wal_recycle");
  }
}
