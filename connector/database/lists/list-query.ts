import type { Knex } from "knex";
import type { Queryable } from "../database.ts";

/** The builder of the queries of lists with filters, an order and pages. */
export interface ListBuilder {
  /** Begins a query of a table, as `connector.runs as r`. */
  from(table: string): Knex.QueryBuilder;
  /** Makes SQL of its own; `?` stands for a binding. */
  raw(sql: string, bindings?: readonly Knex.RawBinding[]): Knex.Raw;
}

let loaded: Promise<ListBuilder> | undefined;

/** Loads knex, which builds the queries and has no connection: they run on the connector's own. */
export function listBuilder(): Promise<ListBuilder> {
  loaded ??= load();
  return loaded;
}

async function load(): Promise<ListBuilder> {
  const { default: Dialect } = await import("knex/lib/dialects/postgres/index.js");
  const dialect = new Dialect({ client: "pg" });
  return {
    from: (table) => dialect.queryBuilder().from(table),
    raw: (sql, bindings = []) => dialect.raw(sql, bindings as Knex.RawBinding[]),
  };
}

/** Runs a query that was built, and returns its rows. */
export async function readList<Row extends object>(queryable: Queryable, query: Knex.QueryBuilder): Promise<Row[]> {
  const { sql, bindings } = query.toSQL().toNative();
  return queryable.query<Row>(sql, bindings);
}

/** Counts what a query gives without its order and limit. */
export async function countList(queryable: Queryable, query: Knex.QueryBuilder): Promise<number> {
  const counting = query.clone().clearSelect().clearOrder().clear("limit").count("* as count");
  const [row] = await readList<{ count: string }>(queryable, counting);
  return Number(row?.count);
}

/** Escapes a text for `ilike`, so that its `%` and `_` stand for themselves. */
export function containing(text: string): string {
  return `%${text.replace(/[\\%_]/g, "\\$&")}%`;
}
