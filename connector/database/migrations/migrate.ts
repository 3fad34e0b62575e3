import { Failure } from "../../failure.ts";
import { identifier } from "../bulk/model-columns.ts";
import type { Database, Queryable, Transaction } from "../database.ts";
import { addMissingColumns, missingColumns } from "./add-missing-columns.ts";
import { allMigrations } from "./all-migrations.ts";
import { hubSchemas } from "./hub-schemas.ts";
import type { Migration } from "./migration.ts";

/** The advisory lock that serializes migrating processes; any number that no other program uses. */
const lockKey = 7_235_011_902;

/**
 * Brings the schema up to date. Runs each missing migration in a transaction of its own, then adds the columns that the
 * tables lack. Concurrent processes take turns by an advisory lock that ends with its transaction, so a killed process
 * leaves neither a lock nor half a migration. Writes nothing if nothing is missing. Throws a Failure, before any write,
 * if the schema is newer than this program.
 */
export async function migrate(database: Database, migrations: readonly Migration[] = allMigrations): Promise<void> {
  const applied = await appliedNumber(database, database.location, migrations);
  for (const migration of migrations.filter(({ number }) => number > applied)) {
    await database.transaction(async (transaction) => {
      await transaction.query("select pg_advisory_xact_lock($1)", [lockKey]);
      // Another process may have migrated while this one waited.
      if ((await appliedNumber(transaction, database.location, migrations)) >= migration.number) return;
      await makeSchemas(transaction);
      await transaction.query(
        `create table if not exists connector.migrations
         (number integer primary key, name text not null, applied_at timestamptz not null default now())`,
      );
      await transaction.query(migration.sql);
      await transaction.query("insert into connector.migrations (number, name) values ($1, $2)", [
        migration.number,
        migration.name,
      ]);
    });
  }
  if ((await missingColumns(database)).length === 0) return;
  await database.transaction(async (transaction) => {
    await transaction.query("select pg_advisory_xact_lock($1)", [lockKey]);
    await addMissingColumns(transaction);
  });
}

/** Creates the missing schemas only: an owner of all three needs no right to create one. */
async function makeSchemas(transaction: Transaction): Promise<void> {
  const found = await transaction.query<{ name: string }>(
    "select nspname as name from pg_namespace where nspname = any($1::text[])",
    [hubSchemas],
  );
  const there = new Set(found.map(({ name }) => name));
  for (const schema of hubSchemas) {
    if (!there.has(schema)) await transaction.query(`create schema ${identifier(schema)}`);
  }
}

/** Returns whether `migrate` would have nothing to do. Throws its Failure if the schema is newer than this program. */
export async function isUpToDate(queryable: Queryable, location: string): Promise<boolean> {
  const applied = await appliedNumber(queryable, location, allMigrations);
  return applied === allMigrations.at(-1)?.number && (await missingColumns(queryable)).length === 0;
}

/** Returns the number of the last applied migration, 0 if there is none. */
async function appliedNumber(
  queryable: Queryable,
  location: string,
  migrations: readonly Migration[],
): Promise<number> {
  // Not to_regclass: it may use what the session knew before it waited for its turn, and miss the table.
  const [found] = await queryable.query<{ there: boolean }>(
    "select exists (select from pg_tables where schemaname = 'connector' and tablename = 'migrations') as there",
  );
  if (found?.there !== true) return 0;
  const [last] = await queryable.query<{ number: number; name: string }>(
    "select number, name from connector.migrations order by number desc limit 1",
  );
  const newest = migrations.at(-1)?.number ?? 0;
  if (last !== undefined && last.number > newest) {
    throw new Failure(
      "surroundings",
      `The database ${location} has schema ${last.number} (${last.name}), and this version of pipedrive-planhat knows up to ${newest}.`,
      { hint: "A newer version has used it. Install that version or a later one; nothing was written." },
    );
  }
  return last?.number ?? 0;
}
