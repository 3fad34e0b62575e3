import type { Json } from "../mapping/value.ts";
import { storableText } from "../storable-text.ts";
import type { Queryable } from "./database.ts";

/** What is kept under a key of the catalog; undefined when nothing is, or nothing younger than so many seconds. */
export async function readCatalogEntry(
  queryable: Queryable,
  key: string,
  youngerThan?: number,
): Promise<Json | undefined> {
  const [row] = await queryable.query<{ value: Json }>(
    `select value from connector.catalog
     where key = $1 and ($2::float8 is null or fetched_at > now() - $2 * interval '1 second')`,
    [key, youngerThan ?? null],
  );
  return row?.value;
}

/** What is kept under each of the given keys; those under which nothing is are left out. */
export async function readCatalogEntries(queryable: Queryable, keys: readonly string[]): Promise<Map<string, Json>> {
  const rows = await queryable.query<{ key: string; value: Json }>(
    "select key, value from connector.catalog where key = any($1::text[])",
    [keys],
  );
  return new Map(rows.map(({ key, value }) => [key, value]));
}

/**
 * Keeps a JSON value under a key of the catalog, in place of the one before. What Postgres cannot store in a text of
 * it, a label of the account for example, is kept as its escape: it must not stop a run that has no use for it.
 */
export async function saveCatalogEntry(queryable: Queryable, key: string, value: unknown): Promise<void> {
  await queryable.query(
    `insert into connector.catalog (key, value) values ($1, $2)
     on conflict (key) do update set value = excluded.value, fetched_at = now()`,
    [key, storable(value)],
  );
}

/** Adds keys to the object that is kept, which is as old as it was. */
export async function extendCatalogEntry(queryable: Queryable, key: string, part: object): Promise<void> {
  await queryable.query("update connector.catalog set value = value || $2::jsonb where key = $1", [
    key,
    storable(part),
  ]);
}

function storable(value: unknown): string {
  return JSON.stringify(value, (_key, part) => (typeof part === "string" ? storableText(part) : part));
}
