import type { Migration } from "../migration.ts";

/** The standing of the conditions of alerts, for each channel. */
export const alerts: Migration = {
  number: 27,
  name: "alerts",
  sql: `
-- A row for each condition of a channel that has ever been met. A channel is known by a hash of its address.
create table connector.alerts (
  channel text not null,
  condition text not null,
  -- One begin and its end.
  episode uuid not null,
  began_at timestamptz not null,
  -- Null while it lasts.
  ended_at timestamptz,
  -- Numbers and words of ours for the messages: nothing of a record.
  began_with jsonb not null,
  ended_with jsonb,
  -- What the channel has been told of this episode.
  told text not null default 'nothing' check (told in ('nothing', 'begin', 'end')),
  -- A process is telling it until then.
  taken_until timestamptz,
  tries integer not null default 0,
  next_try_at timestamptz,
  -- Why the channel did not take the last message, or not for everybody.
  problem text,
  problem_since timestamptz,
  primary key (channel, condition)
);
`,
};
