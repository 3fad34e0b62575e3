import type { Migration } from "../migration.ts";

/** The memory of persons who were forgotten, the work that forgetting leaves, and the backups that were written. */
export const forgotten: Migration = {
  number: 32,
  name: "forgotten",
  sql: `
-- Keyed hashes (HMAC-SHA-256) of ids and e-mail addresses that no run may bring back. No value can be read from them.
create table connector.forgotten (
  kind text not null check (kind in ('person', 'email')),
  hash text not null,
  -- The key of the hash, the same for all rows of one database. A restored backup may bring another one.
  key text not null,
  since timestamptz not null default now(),
  primary key (kind, hash)
);

-- What a forgetting has still to do after its transaction. Empty when it is done.
create table connector.forgetting (
  id bigint generated always as identity primary key,
  -- Delete an object in Planhat, publish a row that lost a value, rewrite a table, or tell what is left to people.
  task text not null check (task in ('delete', 'publish', 'rewrite', 'tell')),
  model text,
  source_id text,
  planhat_id text,
  -- A table, or places and ids: no value of a record.
  details jsonb
);

create table connector.backups (
  file text primary key,
  at timestamptz not null default now()
);
`,
};
