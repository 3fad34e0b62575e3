import type { Migration } from "../migration.ts";

/** The generation in which a record last arrived, for sources of `write` that count generations. */
export const generations: Migration = {
  number: 5,
  name: "generations",
  sql: `
create table connector.generations (
  stream text not null,
  record_id bigint not null,
  generation bigint not null,
  primary key (stream, record_id)
);
`,
};
