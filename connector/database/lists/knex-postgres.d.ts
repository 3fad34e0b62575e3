/** knex's Postgres dialect. The package has types for its entry alone, and that loads every dialect. */
declare module "knex/lib/dialects/postgres/index.js" {
  import type { Knex } from "knex";

  /** Without a connection it only builds queries. */
  const PostgresDialect: new (config: { client: "pg" }) => { queryBuilder(): Knex.QueryBuilder; raw: Knex.RawBuilder };
  export default PostgresDialect;
}
