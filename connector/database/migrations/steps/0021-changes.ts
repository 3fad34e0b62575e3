import type { Migration } from "../migration.ts";

/** Every write of a run to a row with the previous values, and who started each run. */
export const changes: Migration = {
  number: 21,
  name: "changes",
  sql: `
-- id: the order of writing. row_id, last_row_id: of new rows the range of their ids, for they are drawn together.
create table connector.changes (
  id bigint generated always as identity primary key,
  run_id uuid not null,
  at timestamptz not null default now(),
  action text not null,
  model text not null,
  source_id text,
  row_id bigint,
  last_row_id bigint,
  before jsonb,
  after jsonb,
  because jsonb
);
create index changes_run on connector.changes (run_id, id);
create index changes_record on connector.changes (model, source_id, id) where source_id is not null;
create index changes_row on connector.changes (model, row_id, id) where source_id is null and last_row_id is null;
create index changes_new_rows on connector.changes (model, row_id) where last_row_id is not null;
create index conflicts_run on connector.conflicts (run_id);

-- changes_kept: all, none (of earlier versions, and where the config says so), or pruned since.
alter table connector.runs
  add column started_by jsonb,
  add column mapping text,
  add column undoes uuid,
  add column changes_kept text not null default 'none';
`,
};
