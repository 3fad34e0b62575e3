import type { Database } from "../../connector/database/database.ts";

/** The only tables in which a new database has rows: which migrations it has, and the fence that no run has claimed. */
const filled = ["connector.migrations", "connector.fence"];

/** Makes a database as new: cheaper than a new one. Throws where more than emptying its tables would be needed. */
export async function emptied(database: Database): Promise<void> {
  const tables = await database.query<{ name: string; filled: boolean }>(
    `select schemaname || '.' || tablename as name from pg_tables
     where schemaname in ('pipedrive', 'planhat', 'connector') order by 1`,
  );
  const others = tables.map(({ name }) => name).filter((name) => !filled.includes(name));
  await database.query(`truncate ${others.join(", ")} restart identity; update connector.fence set run_id = null`);
}

/** The names of the tables that have rows. */
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
