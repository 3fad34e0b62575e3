import type { Migration } from "../migration.ts";

/** The number of rows and objects harmed since everything was last done completely; the brake continues from it. */
export const harm: Migration = {
  number: 23,
  name: "harm",
  sql: `
create table connector.harm (
  -- rows, or objects of Planhat
  scope text not null,
  model text not null,
  harmed bigint not null,
  -- Those of them that went: a table does not count them any more.
  gone bigint not null,
  run_id uuid not null,
  since timestamptz not null default now(),
  primary key (scope, model)
);

-- The row was harmed since Planhat took it last.
alter table connector.published add column harmed boolean not null default false;
`,
};
