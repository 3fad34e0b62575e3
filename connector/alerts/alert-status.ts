import type { AlertConfig } from "../config/alert-channels.ts";
import { readStandings } from "../database/alerts/standing.ts";
import type { Queryable } from "../database/database.ts";
import { namedChannels } from "./channels.ts";

/** The standing of a config's alerts, under the names that scripts read. */
export interface AlertStatus {
  /** Conditions that last, each since the first time that a channel was to be told. */
  active: { condition: string; since: string }[];
  /** Each channel, with its answer to the last message where it did not take it, and since when. */
  channels: { channel: string; problem: string | null; since: string | null }[];
}

/** Reads it from the database. */
export async function readAlertStatus(queryable: Queryable, config: AlertConfig): Promise<AlertStatus> {
  const named = namedChannels(config);
  if (named.length === 0) return { active: [], channels: [] };
  const standings = await readStandings(
    queryable,
    named.map(({ key }) => key),
  );
  const active = new Map<string, string>();
  for (const { condition, beganAt, endedAt } of standings) {
    if (endedAt !== null) continue;
    const known = active.get(condition);
    if (known === undefined || Date.parse(beganAt) < Date.parse(known)) active.set(condition, beganAt);
  }
  return {
    active: [...active].map(([condition, since]) => ({ condition, since })),
    channels: named.map(({ name, key }) => {
      const silent = standings.find(({ channel, problem }) => channel === key && problem !== null);
      return { channel: name, problem: silent?.problem ?? null, since: silent?.problemSince ?? null };
    }),
  };
}
