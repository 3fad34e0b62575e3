import type { Migration } from "../migration.ts";

/**
 * The state of the service: its webhooks in Pipedrive, its schedule, and the progress of a walk through the whole
 * lists.
 */
export const service: Migration = {
  number: 4,
  name: "service",
  sql: `
create table connector.webhooks (
  id bigint primary key,
  event_object text not null,
  subscription_url text not null,
  credentials_digest text not null,
  created_at timestamptz not null default now()
);

create table connector.webhook_password (
  "only" boolean primary key default true check ("only"),
  password text not null
);

-- pg-boss has a table "schedule" of its own in this schema.
create table connector.planned_runs (
  name text primary key,
  planned_at timestamptz not null
);

create table connector.unseen (
  stream text not null,
  record_id bigint not null,
  primary key (stream, record_id)
);
`,
};
