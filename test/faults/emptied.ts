import type { Database } from "../../connector/database/database.ts";

/** The only tables with rows in a new database: its migrations, and the unclaimed fence. */
const filled = ["connector.migrations", "connector.fence"];

/** Empties a database, which is cheaper than a new one. Throws if emptying its tables is not enough. */
export async function emptied(database: Database): Promise<void> {
  const tables = await database.query<{ name: string; filled: boolean }>(
    `select schemaname || '.' || tablename as name from pg_tables
     where schemaname in ('pipedrive', 'planhat', 'connector') order by 1`,
  );
  const others = tables.map(({ name }) => name).filter((name) => !filled.includes(name));
  await database.query(`truncate ${others.join(", ")} restart identity; update connector.fence set run_id = null`);
}

/** Returns the names of the tables that have rows. */
export async function filledTables(database: Database): Promise<string[]> {
  const tables = await database.query<{ name: string }>(
    `select schemaname || '.' || tablename as name from pg_tables
     where schemaname in ('pipedrive', 'planhat', 'connector') order by 1`,
  );
  const found: string[] = [];
  for (const { name } of tables) {
    const rows = await database.query(`select 1 from ${name} limit 1`);
    if (rows.length > 0) found.push(name);
  }
  return found;
}
