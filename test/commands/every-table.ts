import type { SandboxSync } from "../sandbox-sync.ts";

/**
 * Returns a hash of each table of the three schemas, for tests of commands that write nothing; with `versions` also of
 * the transaction that wrote each row.
 */
export async function everyTable(
  setting: SandboxSync,
  { versions }: { versions: boolean },
): Promise<Record<string, string | null>> {
  const tables = await setting.look<{ name: string }>(
    `select schemaname || '.' || tablename as name from pg_tables
     where schemaname in ('pipedrive', 'planhat', 'connector') order by 1`,
  );
  const version = versions ? " || t.xmin::text" : "";
  const hashes = tables.map(
    ({ name }) => `(select md5(string_agg(t::text${version}, ',' order by t::text)) from ${name} as t) as "${name}"`,
  );
  const [row] = await setting.look<Record<string, string | null>>(`select ${hashes.join(", ")}`);
  return row!;
}
