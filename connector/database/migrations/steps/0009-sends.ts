import type { Migration } from "../migration.ts";

/** The state needed to send companies' changes to Pipedrive: which rows were edited, and what was sent of them. */
export const sendsOfCompanies: Migration = {
  number: 9,
  name: "sends",
  sql: `
-- The companies that somebody else than the settling of records changed, so that nobody has to look for them.
create table connector.edited_companies (
  id bigint generated always as identity primary key,
  company_id bigint not null
);

-- With the rights of its owner: who may edit companies need not have any on this schema.
create function connector.note_edited_company() returns trigger language plpgsql security definer
set search_path = pg_catalog as $$
begin
  insert into connector.edited_companies (company_id) values (new.id);
  return null;
end
$$;

-- That Planhat's id of a row became known is no change of the row.
create trigger note_update after update on planhat.companies for each row
  when (old.planhat_id is not distinct from new.planhat_id
    and current_setting('pipedrive_planhat.settling', true) is distinct from 'on')
  execute function connector.note_edited_company();
create trigger note_insert after insert on planhat.companies for each row
  when (current_setting('pipedrive_planhat.settling', true) is distinct from 'on')
  execute function connector.note_edited_company();

-- The last value of each field that was sent, and how often in a row that was the same one.
create table connector.sends (
  record_id bigint not null,
  field text not null,
  value jsonb not null,
  rounds integer not null,
  sent_at timestamptz not null default now(),
  run_id uuid,
  primary key (record_id, field)
);

-- Organizations that are to be made for companies: written before the request, gone once they are linked.
create table connector.creations (
  company_id bigint primary key,
  body jsonb not null,
  -- The newest organization that Pipedrive had: what this request made is newer.
  after_id bigint not null,
  begun_at timestamptz not null default now(),
  run_id uuid
);
`,
};
