import { identifier } from "../bulk/model-columns.ts";
import type { Queryable } from "../database.ts";
import type { WordPattern } from "./word-pattern.ts";

/** A place where one of a person's values is still found. */
export interface WordPlace {
  /** `pipedrive.notes`. */
  table: string;
  rows: number;
  /** The first of them: ids of records, source ids of rows, or the connector's own ids. */
  ids: string[];
}

/** Ids listed for one table. */
const mostIds = 50;
/** The columns by which people find a row, the best first. */
const names = ["source_id", "record_id", "id", "key", "channel", "name"];
const schemas = ["pipedrive", "planhat", "connector"];

/** Searches every text of every table in the hub's schemas for the words, and returns the places. */
export async function searchWords(queryable: Queryable, pattern: WordPattern): Promise<WordPlace[]> {
  const tables = await queryable.query<{ schema: string; name: string; columns: string[]; texts: string[] }>(
    `select n.nspname as schema, c.relname as name, json_agg(a.attname order by a.attnum) as columns,
            json_agg(a.attname order by a.attnum)
              filter (where t.typcategory in ('S', 'A') or t.typname in ('json', 'jsonb')) as texts
     from pg_class as c join pg_namespace as n on n.oid = c.relnamespace
     join pg_attribute as a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
     join pg_type as t on t.oid = a.atttypid
     where n.nspname = any($1::text[]) and c.relkind in ('r', 'm') and has_table_privilege(c.oid, 'select')
     group by 1, 2 order by 1, 2`,
    [schemas],
  );
  const places: WordPlace[] = [];
  for (const { schema, name, columns, texts } of tables) {
    if (texts === null || (schema === "connector" && name === "backups")) continue;
    const table = `${identifier(schema)}.${identifier(name)}`;
    const text = texts.map((column) => `coalesce(${identifier(column)}::text, '')`).join(" || ' ' || ");
    const id = names.find((one) => columns.includes(one));
    const shown = id === undefined ? "''" : `coalesce(${identifier(id)}::text, '')`;
    const [found] = await queryable.query<{ rows: string; ids: string[] | null }>(
      `select count(*) as rows, (array_agg(id order by length(id), id))[1:${mostIds}] as ids
       from (select ${shown} as id from ${table} where ${text} ~* $1) as found`,
      [pattern.sql],
    );
    if (Number(found?.rows) > 0)
      places.push({ table: `${schema}.${name}`, rows: Number(found!.rows), ids: found!.ids ?? [] });
  }
  return places;
}
