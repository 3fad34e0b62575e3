import type { Json, JsonObject } from "../../mapping/value.ts";
import { fromInstant, type Seconds, toInstant } from "../account/instant.ts";
import { localDay } from "../account/time-zone.ts";

const closedTimes = ["close_time", "won_time", "lost_time"] as const;
const localDates = {
  close_time: "local_close_date",
  won_time: "local_won_date",
  lost_time: "local_lost_date",
} as const;

/**
 * Adds Pipedrive's effects to a change of a deal, and returns both. Winning and losing set their times and dates, and
 * reopening clears them. A stage decides the pipeline, and a pipeline starts at its first stage. Local dates are those
 * of the account's time zone. `changes` win over implied values; the deal before is `{}` for a new one.
 */
export function withDealEffects(
  before: JsonObject,
  changes: JsonObject,
  { now, stages, timeZone }: { now: Seconds; stages: readonly JsonObject[]; timeZone: string },
): JsonObject {
  const implied: JsonObject = {};
  const status = changes["status"];
  if (status !== undefined && status !== before["status"]) Object.assign(implied, timesOf(status, changes, now));
  if (changes["stage_id"] !== undefined && changes["stage_id"] !== before["stage_id"]) {
    const stage = stages.find(({ id }) => id === changes["stage_id"]);
    if (stage !== undefined) implied["pipeline_id"] = stage["pipeline_id"]!;
    implied["stage_change_time"] = toInstant(now);
  } else if (changes["pipeline_id"] !== undefined && changes["pipeline_id"] !== before["pipeline_id"]) {
    const first = stages.find((stage) => stage["pipeline_id"] === changes["pipeline_id"]);
    if (first !== undefined) implied["stage_id"] = first["id"]!;
    implied["stage_change_time"] = toInstant(now);
  }
  if (changes["is_archived"] !== undefined && changes["is_archived"] !== before["is_archived"]) {
    implied["archive_time"] = changes["is_archived"] === true ? toInstant(now) : null;
  }
  const all = { ...implied, ...normalizeTimes(changes) };
  for (const key of closedTimes) if (key in all) all[localDates[key]] = dayOf(all[key], timeZone);
  return all;
}

function timesOf(status: Json, changes: JsonObject, now: Seconds): JsonObject {
  const given = changes[`${status}_time`] ?? changes["close_time"];
  const time = toInstant(fromInstant(given) ?? now);
  const closed = status === "won" || status === "lost";
  return {
    close_time: closed ? time : null,
    won_time: status === "won" ? time : null,
    lost_time: status === "lost" ? time : null,
    ...(status === "lost" ? {} : { lost_reason: null }),
  };
}

function normalizeTimes(changes: JsonObject): JsonObject {
  const normalized = { ...changes };
  for (const key of [...closedTimes, "archive_time", "add_time"]) {
    const seconds = fromInstant(normalized[key]);
    if (seconds !== undefined) normalized[key] = toInstant(seconds);
  }
  return normalized;
}

function dayOf(time: Json | undefined, timeZone: string): Json {
  const seconds = fromInstant(time);
  return seconds === undefined ? null : localDay(seconds, timeZone);
}
