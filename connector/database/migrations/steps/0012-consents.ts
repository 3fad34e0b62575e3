import type { Migration } from "../migration.ts";

/** Consents, the work that waits for them, and the Planhat tenants that this database has met. */
export const consents: Migration = {
  number: 12,
  name: "consents",
  sql: `
create table connector.consents (
  id bigint generated always as identity primary key,
  -- sending, publication, twins, clearing, options
  kind text not null,
  -- The tenant that it is about, as connector.tenants names it; empty where there is only one such system.
  scope text not null default '',
  -- What of the kind: a field that may be written, a model that may be published.
  what text not null,
  agreed_at timestamptz not null default now(),
  agreed_by text not null,
  run_id uuid,
  -- When the mapping stopped to ask for it; what it asks for later again is to be agreed to again.
  ended_at timestamptz
);
create unique index consents_standing on connector.consents (kind, scope, what) where ended_at is null;

create table connector.waiting (
  kind text not null,
  what text not null,
  count bigint not null,
  remedy text not null,
  since timestamptz not null default now(),
  run_id uuid,
  primary key (kind, what)
);

-- By a hash of the API's address and the token; after the token was changed one tenant has two.
create table connector.tenants (
  mark text primary key,
  tenant uuid not null,
  host text not null,
  first_seen timestamptz not null default now()
);

insert into connector.consents (kind, what, agreed_at, agreed_by)
select 'sending', agreed.term, kept.fetched_at, 'an earlier version'
from connector.catalog as kept, jsonb_array_elements_text(kept.value -> 'agreed') as agreed (term)
where kept.key = 'sending';

update connector.catalog set value = jsonb_build_object('seen', value -> 'seen') where key = 'sending' and value ? 'seen';
`,
};
