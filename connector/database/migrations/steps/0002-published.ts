import type { Migration } from "../migration.ts";

/** The objects published to Planhat for each row, and when its companies were last read back. */
export const published: Migration = {
  number: 2,
  name: "published",
  sql: `
create table connector.published (
  model text not null,
  source_id text not null,
  planhat_id text,
  -- Planhat's id of the company that the object was sent with.
  company_planhat_id text,
  -- The row's updated_at when it was last compared; null: it is to be compared again.
  version timestamptz,
  -- Of the content that Planhat has taken; null: it has not taken what the row says.
  hash text,
  -- The properties that Planhat was ever given a value or null for.
  fields text[] not null default '{}',
  -- Of companies, the content itself: what is different when they are read back was changed in Planhat.
  content jsonb,
  primary key (model, source_id)
);
create index published_planhat_id on connector.published (planhat_id) where model = 'company';

-- That Planhat's id of a row became known is no change of the row.
create or replace function connector.touch_updated_at() returns trigger language plpgsql as $$
begin
  if new.planhat_id is not distinct from old.planhat_id then
    new.updated_at := now();
  end if;
  return new;
end
$$;
`,
};
