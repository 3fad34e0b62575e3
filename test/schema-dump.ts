import type { Queryable } from "../connector/database/database.ts";

const ours = "n.nspname in ('pipedrive', 'planhat', 'connector')";

/**
 * Returns the three schemas as SQL that re-creates them: one statement an element, in an executable and stable order,
 * with columns by name. Details that differ from server to server (compression) and the schemas of other programs are
 * left out.
 */
export async function dumpSchema(queryable: Queryable): Promise<string[]> {
  const read = async (sql: string) => (await queryable.query<{ statement: string }>(sql)).map((row) => row.statement);
  const schemas = await read(
    `select 'create schema ' || nspname as statement from pg_namespace n where ${ours} order by 1`,
  );
  const functions = await read(
    `select trim(trailing E'\\n' from pg_get_functiondef(p.oid)) as statement
     from pg_proc p join pg_namespace n on n.oid = p.pronamespace where ${ours} order by 1`,
  );
  const tables = await read(
    `select 'create table ' || n.nspname || '.' || c.relname || E' (\\n  ' || string_agg(
         quote_ident(a.attname) || ' ' || format_type(a.atttypid, a.atttypmod)
         || case when a.attnotnull then ' not null' else '' end
         || case when a.attidentity = 'a' then ' generated always as identity' else '' end
         || coalesce(' default ' || pg_get_expr(d.adbin, d.adrelid), ''), E',\\n  ' order by a.attname collate "C") || E'\\n)' as statement
     from pg_class c join pg_namespace n on n.oid = c.relnamespace
     join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
     left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
     where ${ours} and c.relkind = 'r' group by n.nspname, c.relname order by n.nspname, c.relname`,
  );
  const statistics = await read(
    `select format('alter table %s.%s alter column %I set statistics %s', n.nspname, c.relname, a.attname, a.attstattarget) as statement
     from pg_class c join pg_namespace n on n.oid = c.relnamespace join pg_attribute a on a.attrelid = c.oid
     where ${ours} and c.relkind = 'r' and a.attnum > 0 and a.attstattarget >= 0 order by 1`,
  );
  // Foreign keys last: they need the primary keys of other tables. Postgres 18 also lists NOT NULL here.
  const constraints = await read(
    `select format('alter table %s.%s add constraint %I %s', n.nspname, c.relname, k.conname, pg_get_constraintdef(k.oid)) as statement
     from pg_constraint k join pg_class c on c.oid = k.conrelid join pg_namespace n on n.oid = c.relnamespace
     where ${ours} and k.contype in ('p', 'u', 'c', 'f') order by k.contype = 'f', 1`,
  );
  const indexes = await read(
    `select pg_get_indexdef(i.indexrelid) as statement
     from pg_index i join pg_class c on c.oid = i.indrelid join pg_namespace n on n.oid = c.relnamespace
     where ${ours} and not exists (select from pg_constraint k where k.conindid = i.indexrelid) order by 1`,
  );
  const rest = await read(
    `select pg_get_triggerdef(t.oid) as statement
     from pg_trigger t join pg_class c on c.oid = t.tgrelid join pg_namespace n on n.oid = c.relnamespace
     where ${ours} and not t.tgisinternal
     union all
     select 'create view ' || n.nspname || '.' || c.relname || ' as ' || trim(trailing ';' from pg_get_viewdef(c.oid))
     from pg_class c join pg_namespace n on n.oid = c.relnamespace where ${ours} and c.relkind = 'v' order by 1`,
  );
  return [...schemas, ...functions, ...tables, ...statistics, ...constraints, ...indexes, ...rest];
}

/** Returns a dump as the text of a file. */
export function schemaText(statements: readonly string[]): string {
  return statements.map((statement) => `${statement};\n`).join("\n");
}
