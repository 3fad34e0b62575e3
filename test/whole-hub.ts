import type { Queryable } from "../connector/database/database.ts";

/**
 * Returns the contents of the three schemas as text: their tables with every column, every row with the transaction
 * that wrote it (`xmin`), and the position of every sequence. Two results are equal only if nothing was written between
 * them.
 */
export async function wholeHub(queryable: Queryable): Promise<Record<string, string>> {
  const relations = await queryable.query<{ name: string; kind: string; columns: string }>(
    `select quote_ident(n.nspname) || '.' || quote_ident(c.relname) as name, c.relkind as kind,
       (select string_agg(a.attname || ' ' || format_type(a.atttypid, a.atttypmod), ', ' order by a.attnum)
        from pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped) as columns
     from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where n.nspname in ('pipedrive', 'planhat', 'connector') and c.relkind in ('r', 'S', 'v', 'm', 'p')
     order by 1`,
  );
  const contents: Record<string, string> = {};
  for (const { name, kind, columns } of relations) {
    const row =
      kind === "r" ? "t.xmin::text || ' ' || t::text" : kind === "S" ? "t.last_value || ' ' || t.is_called" : "t::text";
    const [found] = await queryable.query<{ rows: string | null }>(
      `select string_agg(${row}, E'\\n' order by ${row}) as rows from ${name} as t`,
    );
    contents[`${name} (${columns})`] = found?.rows ?? "";
  }
  return contents;
}
