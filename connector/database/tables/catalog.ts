import type { Json } from "../../mapping/value.ts";
import { storableText } from "../../text/storable-text.ts";
import type { Queryable } from "../database.ts";

/** Returns the catalog's value for a key; undefined if there is none, or none younger than `youngerThan` seconds. */
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

/** Returns the catalog's values for the given keys; keys without a value are left out. */
export async function readCatalogEntries(queryable: Queryable, keys: readonly string[]): Promise<Map<string, Json>> {
  const rows = await queryable.query<{ key: string; value: Json }>(
    "select key, value from connector.catalog where key = any($1::text[])",
    [keys],
  );
  return new Map(rows.map(({ key, value }) => [key, value]));
}

/**
 * Saves a JSON value under a key of the catalog, replacing the previous one. Characters that Postgres cannot store, in
 * a label of the account for example, are saved as escapes: they must not stop a run.
 */
export async function saveCatalogEntry(queryable: Queryable, key: string, value: unknown): Promise<void> {
  await queryable.query(
    `insert into connector.catalog (key, value) values ($1, $2)
     on conflict (key) do update set value = excluded.value, fetched_at = now()`,
    [key, storable(value)],
  );
}

/** Makes a saved value at least this many seconds old. */
export async function ageCatalogEntry(queryable: Queryable, key: string, seconds: number): Promise<void> {
  await queryable.query(
    "update connector.catalog set fetched_at = least(fetched_at, now() - $2 * interval '1 second') where key = $1",
    [key, seconds],
  );
}

/** Adds keys to a saved object; its age stays the same. */
export async function extendCatalogEntry(queryable: Queryable, key: string, part: object): Promise<void> {
  await queryable.query("update connector.catalog set value = value || $2::jsonb where key = $1", [
    key,
    storable(part),
  ]);
}

function storable(value: unknown): string {
  return JSON.stringify(value, (_key, part) => (typeof part === "string" ? storableText(part) : part));
}
