import { Failure } from "../../failure.ts";
import type { Headers } from "../../http/exchange.ts";
import { pause } from "../../http/pause.ts";
import { RequestWindow } from "../../http/request-window.ts";

/** The API use of a run. */
export interface Usage {
  /** Requests sent, retries included. */
  count: number;
  /** Requests that were retries. */
  retried: number;
  /** API tokens that the requests cost by Pipedrive's price list. */
  tokens: number;
}

/** Returns the use between two states of one budget. */
export function usageSince(before: Usage, { count, retried, tokens }: Usage): Usage {
  return { count: count - before.count, retried: retried - before.retried, tokens: tokens - before.tokens };
}

/** The single budget of all callers: the burst window and the day's tokens (Pipedrive docs, "Rate limiting"). */
export interface Budget {
  /**
   * Waits until a request that costs `tokens` may be sent, in the order of the calls, and counts it. Throws a Failure
   * of kind `surroundings` if the day's tokens do not suffice, and the signal's reason if it is aborted.
   */
  acquire(tokens: number, options?: { signal?: AbortSignal | undefined; retry?: boolean }): Promise<void>;
  /** Reads the account's limit and remaining tokens from a response's headers. */
  observe(headers: Headers): void;
  /** Delays all requests by this many milliseconds. */
  pause(milliseconds: number): void;
  /** Sets the tokens that all processes have recorded for this UTC day; this process's unrecorded ones are added. */
  startFrom(recorded: { tokens: number }): void;
  /** Returns the use since the budget was created. */
  usage(): Usage;
  /** Returns the use since the last call, for the caller to record in the database. */
  takeUnrecorded(): Usage;
  /** Returns the tokens left today, by the config's limit and Pipedrive's last announcement; undefined if unknown. */
  left(): number | undefined;
}

/** The day's limit from the config, and the clock; tests replace both. */
export interface BudgetOptions {
  /** Config `daily_token_budget`: the tokens that a UTC day may cost. */
  dailyTokenBudget?: number;
  /** Milliseconds since 1970. */
  clock?: () => number;
  sleep?: (milliseconds: number, signal?: AbortSignal) => Promise<void>;
}

const dayLength = 86_400_000;
/** Milliseconds for which an announced remainder is trusted: a new day may have started for the account since. */
const announcementLife = 300_000;

/** Creates a budget. It does not know the use of earlier runs until `startFrom`. */
export function createBudget(options: BudgetOptions = {}): Budget {
  const { dailyTokenBudget, clock = Date.now, sleep = pause } = options;
  const burst = new BurstWindow();
  const used: Usage = { count: 0, retried: 0, tokens: 0 };
  let recorded: Usage = { count: 0, retried: 0, tokens: 0 };
  let today = { day: dayOf(clock()), tokens: 0 };
  let announced: { remaining: number; at: number } | undefined;
  let turn: Promise<void> = Promise.resolve();

  function requireTokens(tokens: number, now: number): void {
    if (dayOf(now) !== today.day) today = { day: dayOf(now), tokens: 0 };
    if (dailyTokenBudget !== undefined && today.tokens + tokens > dailyTokenBudget) {
      throw new Failure(
        "surroundings",
        `The daily token budget is used up: ${format(today.tokens)} of ${format(dailyTokenBudget)} API tokens are spent today, and the next request costs ${format(tokens)}.`,
        { hint: "It resets at 00:00 UTC. Committed work is kept: run again then, or raise daily_token_budget." },
      );
    }
    if (announced !== undefined && now - announced.at < announcementLife && announced.remaining < tokens) {
      throw new Failure(
        "surroundings",
        `The Pipedrive account has ${format(announced.remaining)} API tokens left today, and the next request costs ${format(tokens)}.`,
        {
          hint: "Pipedrive gives a new day's tokens at midnight of its own clock. Committed work is kept: run again then.",
        },
      );
    }
  }

  async function take(tokens: number, signal: AbortSignal | undefined, retry: boolean): Promise<void> {
    for (;;) {
      signal?.throwIfAborted();
      const now = clock();
      requireTokens(tokens, now);
      const delay = burst.delay(now);
      if (delay === 0) break;
      await sleep(delay, signal);
    }
    burst.send(clock());
    used.count++;
    used.tokens += tokens;
    today.tokens += tokens;
    if (announced !== undefined) announced.remaining -= tokens;
    if (retry) used.retried++;
  }

  return {
    acquire(tokens, { signal, retry = false } = {}) {
      const taken = turn.then(() => take(tokens, signal, retry));
      turn = taken.catch(() => {});
      return taken;
    },
    observe(headers) {
      const limit = numberOf(headers["x-ratelimit-limit"]);
      if (limit !== undefined && limit > 0) burst.announce(limit);
      const remaining = numberOf(headers["x-daily-ratelimit-token-remaining"]);
      if (remaining !== undefined) announced = { remaining, at: clock() };
    },
    pause: (milliseconds) => burst.pauseUntil(clock() + milliseconds),
    startFrom({ tokens }) {
      today = { day: dayOf(clock()), tokens: tokens + used.tokens - recorded.tokens };
    },
    usage: () => ({ ...used }),
    takeUnrecorded() {
      const unrecorded = usageSince(recorded, used);
      recorded = { ...used };
      return unrecorded;
    },
    left() {
      const now = clock();
      const spent = dayOf(now) === today.day ? today.tokens : 0;
      const limits = [
        ...(dailyTokenBudget === undefined ? [] : [dailyTokenBudget - spent]),
        ...(announced === undefined || dayOf(announced.at) !== dayOf(now) ? [] : [announced.remaining]),
      ];
      return limits.length === 0 ? undefined : Math.max(0, Math.min(...limits));
    },
  };
}

function dayOf(time: number): number {
  return Math.floor(time / dayLength);
}

function format(tokens: number): string {
  return tokens.toLocaleString("en-US");
}

function numberOf(header: string | undefined): number | undefined {
  const number = header === undefined || header.trim() === "" ? Number.NaN : Number(header);
  return Number.isFinite(number) ? number : undefined;
}

/** Milliseconds. */
const windowLength = 2_000;

/** Half of the smallest plan's 20 requests (Pipedrive docs, "Rate limiting": Lite, API token). */
const firstCapacity = 10;

/**
 * The burst limit: a rolling window of 2 seconds per token (Pipedrive docs, "Rate limiting"). It uses half of the
 * account's limit, so that another program with the same token has room.
 */
export class BurstWindow extends RequestWindow {
  constructor() {
    super(windowLength, firstCapacity);
  }

  /** Sets the window's size from the account's answers (`x-ratelimit-limit`). */
  announce(limit: number): void {
    this.resize(Math.max(1, Math.floor(limit / 2)));
  }
}
