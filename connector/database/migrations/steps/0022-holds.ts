import type { Migration } from "../migration.ts";

/** Values that an undo restored; no sync overwrites them until Pipedrive or the mapping says something else. */
export const holds: Migration = {
  number: 22,
  name: "holds",
  sql: `
create table connector.holds (
  id bigint generated always as identity primary key,
  model text not null,
  source_id text not null,
  -- null: the row as a whole
  field text,
  -- What the mapping wanted, and what stands there now. Of rows: what brings it back, and what it is now.
  taken jsonb,
  restored jsonb,
  -- A fingerprint of what the mapping says of it.
  mapping text not null,
  run_id uuid,
  since timestamptz not null default now()
);
create unique index holds_once on connector.holds (model, source_id, coalesce(field, ''));
create index holds_run on connector.holds (run_id);
`,
};
