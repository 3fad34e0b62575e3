import type { JsonObject } from "../../mapping/value.ts";
import { instantText } from "../bulk/instant-text.ts";
import type { Queryable } from "../database.ts";

/** A message that a channel is to get: that a condition began, that it ended, or both at once. */
export interface DueMessage {
  channel: string;
  condition: string;
  episode: string;
  tells: "begin" | "end" | "both";
  /** Instants as `…Z`. */
  beganAt: string;
  endedAt: string | null;
  beganWith: JsonObject;
  endedWith: JsonObject | null;
  /** The number of tries, this time included. */
  tries: number;
}

const isUntold = "(ended_at is null and told = 'nothing' or ended_at is not null and told <> 'end')";

/**
 * Returns the due messages of the channels and reserves them for `seconds`. No other process sends them meanwhile;
 * after that another one does, in case this process has ended.
 */
export async function takeMessages(
  queryable: Queryable,
  channels: readonly string[],
  seconds: number,
): Promise<DueMessage[]> {
  const rows = await queryable.query<DueMessage>(
    `update connector.alerts
     set taken_until = clock_timestamp() + $2 * interval '1 second', tries = tries + 1
     where channel = any($1::text[]) and ${isUntold} and coalesce(taken_until, '-infinity') < clock_timestamp()
       and coalesce(next_try_at, '-infinity') <= clock_timestamp()
     returning channel, condition, episode, ${instantText("began_at")} as "beganAt",
       ${instantText("ended_at")} as "endedAt", began_with as "beganWith", ended_with as "endedWith", tries,
       case when ended_at is null then 'begin' when told = 'nothing' then 'both' else 'end' end as tells`,
    [channels, seconds],
  );
  return rows.sort((a, b) => Date.parse(a.beganAt) - Date.parse(b.beganAt));
}

/** The SQL that says whether a channel had taken the message before. */
const before =
  "before as (select coalesce(bool_and(problem is null), true) as news from connector.alerts where channel = $1)";

/**
 * Writes down that a channel took a message; `problem` tells who of several did not get it. Returns whether all got the
 * one before.
 */
export async function markTold(
  queryable: Queryable,
  { channel, condition, episode, tells }: DueMessage,
  problem: string | null,
): Promise<boolean> {
  const [row] = await queryable.query<{ news: boolean }>(
    `with ${before}, taken as (
       update connector.alerts
       set told = case when condition = $2 and episode = $3 then $4 else told end,
           taken_until = case when condition = $2 then null else taken_until end,
           tries = case when condition = $2 then 0 else tries end,
           problem = $5, problem_since = case when $5::text is null then null else coalesce(problem_since, now()) end
       where channel = $1
     )
     select news from before`,
    [channel, condition, episode, tells === "begin" ? "begin" : "end", problem],
  );
  return row?.news === true;
}

/**
 * Writes down that a channel did not take a message, and after how many seconds it is to be tried again, with all else
 * that waits for it. Returns whether the channel had taken the one before.
 */
export async function markRefused(
  queryable: Queryable,
  channel: string,
  problem: string,
  seconds: number,
): Promise<boolean> {
  const [row] = await queryable.query<{ news: boolean }>(
    `with ${before}, refused as (
       update connector.alerts set problem = $2, problem_since = coalesce(problem_since, now()),
         taken_until = null, next_try_at = clock_timestamp() + $3 * interval '1 second'
       where channel = $1
     )
     select news from before`,
    [channel, problem, seconds],
  );
  return row?.news === true;
}
