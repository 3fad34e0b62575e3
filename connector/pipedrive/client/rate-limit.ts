import { Failure } from "../../failure.ts";
import type { HttpAnswer } from "../../http/exchange.ts";

/** Milliseconds above which a wait does not justify a running process (contract, section 7, "API trouble"). */
const longestWait = 60_000;
/** Milliseconds, the minimum whatever an answer says: an immediate request only makes it worse. */
const shortestWait = 250;
/** Milliseconds, the burst window itself: used if an answer gives no wait. */
const burstWindow = 2_000;

/**
 * Returns the milliseconds to wait after a 429. Throws a Failure of kind `surroundings` if the day's tokens are used up
 * or the wait is above a minute. `retry-after` and `x-ratelimit-reset` are relative seconds, not a time of day
 * (Pipedrive docs, "Rate limiting"). `now` is in epoch milliseconds.
 */
export function waitAfter429({ headers, text }: HttpAnswer, now: number): number {
  const waits = [secondsOf(headers["retry-after"]), secondsOf(headers["x-ratelimit-reset"])].filter(
    (wait) => wait !== undefined,
  );
  const wait = waits.length === 0 ? burstWindow : Math.max(...waits);
  const isDaily = /daily/i.test(text) || headers["x-daily-ratelimit-token-remaining"]?.trim() === "0";
  if (isDaily) {
    const until = waits.length === 0 ? "" : ` until ${timeOfDay(now + wait)} (in ${duration(wait)})`;
    throw new Failure("surroundings", `The Pipedrive account's API tokens for today are used up${until}.`, {
      hint: "Committed work is kept: run again then. Pipedrive's plans and top-ups set the daily number; other apps spend from it too.",
    });
  }
  if (wait > longestWait) {
    throw new Failure(
      "surroundings",
      `Pipedrive asks to wait ${duration(wait)} before the next request (429), until ${timeOfDay(now + wait)}.`,
      { hint: "Committed work is kept: run again then." },
    );
  }
  return Math.max(shortestWait, wait);
}

function secondsOf(header: string | undefined): number | undefined {
  const seconds = header === undefined || header.trim() === "" ? Number.NaN : Number(header);
  return Number.isFinite(seconds) && seconds >= 0 ? Math.ceil(seconds * 1000) : undefined;
}

function timeOfDay(time: number): string {
  return `${new Date(time).toISOString().slice(0, 16).replace("T", " ")} UTC`;
}

function duration(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1000);
  if (seconds < 120) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 120 ? `${minutes} min` : `${(minutes / 60).toFixed(1)} h`;
}
