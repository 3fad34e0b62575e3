import type { Migration } from "../migration.ts";

/** The sessions of the console of `serve`, and the log of who did what. */
export const console: Migration = {
  number: 33,
  name: "console",
  sql: `
-- mark: a hash of the cookie's secret.
create table connector.console_sessions (
  mark text primary key,
  name text not null,
  token text not null,
  started_at timestamptz not null,
  used_at timestamptz not null
);

create table connector.operators (
  id bigint generated always as identity primary key,
  at timestamptz not null default now(),
  name text not null,
  -- console, serve, or command
  via text not null,
  action text not null,
  subject text,
  details jsonb
);
`,
};
