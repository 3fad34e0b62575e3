import type { JsonObject } from "../../mapping/value.ts";
import { instantText } from "../bulk/instant-text.ts";
import type { Queryable, Transaction } from "../database.ts";

/** A condition of a channel that was met at least once. */
export interface AlertStanding {
  channel: string;
  condition: string;
  /** Instants as `…Z`; endedAt is null while it lasts. */
  beganAt: string;
  endedAt: string | null;
  /** The reason why the channel did not take the last message, and since when; null where it did. */
  problem: string | null;
  problemSince: string | null;
}

/** The lock by which processes judge one after the other; any number that no other program uses. */
const lockKey = 7_235_011_905;

/** Makes this transaction the only one that judges, until it ends. */
export async function lockAlerts(transaction: Transaction): Promise<void> {
  await transaction.query("select pg_advisory_xact_lock($1)", [lockKey]);
}

/** Reads how the conditions of channels stand. */
export async function readStandings(queryable: Queryable, channels: readonly string[]): Promise<AlertStanding[]> {
  return queryable.query<AlertStanding>(
    `select channel, condition, ${instantText("began_at")} as "beganAt", ${instantText("ended_at")} as "endedAt",
            problem, ${instantText("problem_since")} as "problemSince"
     from connector.alerts where channel = any($1::text[]) order by channel, began_at, condition`,
    [channels],
  );
}

/**
 * Writes down that a condition is met. One that ended and of whose end the channel does not know yet goes on, so that
 * nothing need be told.
 */
export async function beginAlert(
  transaction: Transaction,
  { channel, condition }: { channel: string; condition: string },
  began: JsonObject,
): Promise<void> {
  await transaction.query(
    `insert into connector.alerts as old (channel, condition, episode, began_at, began_with)
     values ($1, $2, gen_random_uuid(), now(), $3)
     on conflict (channel, condition) do update
     set ended_at = null, ended_with = null, began_with = excluded.began_with,
         episode = case when old.told = 'begin' then old.episode else excluded.episode end,
         began_at = case when old.told = 'begin' then old.began_at else excluded.began_at end,
         told = case when old.told = 'begin' then 'begin' else 'nothing' end,
         taken_until = null, tries = 0, next_try_at = null
     where old.ended_at is not null`,
    [channel, condition, JSON.stringify(began)],
  );
}

/** Writes down that a condition is over. */
export async function endAlert(
  transaction: Transaction,
  { channel, condition }: { channel: string; condition: string },
  ended: JsonObject,
): Promise<void> {
  await transaction.query(
    `update connector.alerts set ended_at = now(), ended_with = $3, tries = 0, next_try_at = null
     where channel = $1 and condition = $2 and ended_at is null`,
    [channel, condition, JSON.stringify(ended)],
  );
}

/** Forgets conditions that a channel is not told of any more. */
export async function forgetConditions(
  transaction: Transaction,
  channel: string,
  conditions: readonly string[],
): Promise<void> {
  await transaction.query("delete from connector.alerts where channel = $1 and not condition = any($2::text[])", [
    channel,
    conditions,
  ]);
}

/** Counts the channels that each condition that lasts is told to, by its name. */
export async function countActive(queryable: Queryable): Promise<Map<string, number>> {
  const rows = await queryable.query<{ condition: string; count: string }>(
    "select condition, count(*) as count from connector.alerts where ended_at is null group by condition order by 1",
  );
  return new Map(rows.map(({ condition, count }) => [condition, Number(count)]));
}
