import type { Migration } from "./migration.ts";

/** In which generation of its stream a record last came, where a source that `write` reads counts them. */
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
