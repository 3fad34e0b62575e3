import { setTimeout as wait } from "node:timers/promises";
import type { Database } from "../../database/database.ts";
import { readPlannedTime, savePlannedTime } from "../../database/tables/runs.ts";

/** A recurring run. */
export interface RecurringRun {
  /** Its name in the database, shared by all processes. */
  name: string;
  /** Returns the last instant at which it was due, at or before `now`; `asked` is the time of the last request. */
  latest(now: Date, asked: Date): Date | undefined;
  /** Returns the next instant at which it will be due. */
  next(now: Date, asked: Date): Date | undefined;
  /** Requests the run; durable when it returns. */
  request(): Promise<void>;
}

/** The clock, which tests replace. */
export interface Clock {
  now(): Date;
  /** Waits; an aborted signal ends the wait early, without an error. */
  sleep(milliseconds: number, signal: AbortSignal): Promise<void>;
}

const usualClock: Clock = {
  now: () => new Date(),
  sleep: (milliseconds, signal) => wait(milliseconds, undefined, { signal }).catch(() => undefined),
};

/** The advisory lock that serializes these requests; any number that no other program uses. */
const lockKey = 7_235_011_904;
/** The longest sleep (ms): a machine that was suspended, or whose clock was set, notices within it. */
const longestSleep = 60_000;
/** The pause (ms) before another attempt while another process holds the lock. */
const shortestSleep = 1_000;

/**
 * Requests a recurring run whenever it is due, until the signal is aborted. Of several processes on a database one
 * requests it, and only once for any number of missed times. If that process is killed before the request, another one
 * makes it. The very first time is the first one after now. `problem` is called with errors.
 */
export async function recur(
  database: Database,
  run: RecurringRun,
  signal: AbortSignal,
  { problem, clock = usualClock }: { problem: (error: unknown) => void; clock?: Clock },
): Promise<void> {
  let asked: Date | undefined;
  while (!signal.aborted) {
    let sleep = longestSleep;
    try {
      const now = clock.now();
      if (asked === undefined || isDue(run, now, asked)) {
        asked = await askOnce(database, run, now);
        if (asked === undefined || isDue(run, now, asked)) sleep = shortestSleep;
      }
      const next = asked === undefined ? undefined : run.next(now, asked);
      if (next !== undefined) sleep = Math.min(sleep, Math.max(0, next.getTime() - now.getTime()));
    } catch (error) {
      problem(error);
    }
    await clock.sleep(sleep, signal);
  }
}

function isDue(run: RecurringRun, now: Date, asked: Date): boolean {
  const due = run.latest(now, asked);
  return due !== undefined && due > asked;
}

/**
 * Requests the run if it is due and not requested yet. Returns the time up to which it was requested; undefined if
 * another process holds the lock.
 */
async function askOnce(database: Database, run: RecurringRun, now: Date): Promise<Date | undefined> {
  const release = await database.tryLock(lockKey);
  if (release === undefined) return undefined;
  try {
    const asked = await readPlannedTime(database, run.name);
    if (asked === undefined) {
      await savePlannedTime(database, run.name, now);
      return now;
    }
    const due = run.latest(now, asked);
    if (due === undefined || due <= asked) return asked;
    // Request first, record second: a crash in between causes a second run, never a missed one.
    await run.request();
    await savePlannedTime(database, run.name, due);
    return due;
  } finally {
    await release();
  }
}
