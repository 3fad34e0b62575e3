import { setTimeout as wait } from "node:timers/promises";
import type { Database } from "../database/database.ts";
import { readPlanned, savePlanned } from "../database/planned-runs.ts";

/** A run that recurs. */
export interface RecurringRun {
  /** Its name in the database, by which all processes know it. */
  name: string;
  /** The last instant at which it was due, at or before `now`, when it was last asked for at `asked`. */
  latest(now: Date, asked: Date): Date | undefined;
  /** The next instant at which it will be due. */
  next(now: Date, asked: Date): Date | undefined;
  /** Asks for it; durable when it returns. */
  request(): Promise<void>;
}

/** The time, which tests may make. */
export interface Clock {
  now(): Date;
  /** Ends early, without throwing, when the signal is aborted. */
  sleep(milliseconds: number, signal: AbortSignal): Promise<void>;
}

const usualClock: Clock = {
  now: () => new Date(),
  sleep: (milliseconds, signal) => wait(milliseconds, undefined, { signal }).catch(() => undefined),
};

/** The advisory lock by which processes take turns here; any number that no other program uses. */
const lockKey = 7_235_011_904;
/** The longest sleep (ms): a machine that was suspended, or whose clock was set, notices within it. */
const longestSleep = 60_000;
/** How soon (ms) to look again when another process is at it. */
const shortestSleep = 1_000;

/**
 * Asks for a recurring run whenever it is due, until the signal is aborted. Several processes on a database may do this:
 * one of them asks, whatever the number of times that were missed it asks once, and a process that is killed in
 * between leaves it to be asked for again. The first time ever is the first one after now. `problem` is told of errors.
 */
export async function recur(
  database: Database,
  run: RecurringRun,
  signal: AbortSignal,
  problem: (error: unknown) => void,
  clock: Clock = usualClock,
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

/** Asks for the run when it is due and nobody has; returns up to when it was asked for, undefined when others are at it. */
async function askOnce(database: Database, run: RecurringRun, now: Date): Promise<Date | undefined> {
  const release = await database.tryLock(lockKey);
  if (release === undefined) return undefined;
  try {
    const asked = await readPlanned(database, run.name);
    if (asked === undefined) {
      await savePlanned(database, run.name, now);
      return now;
    }
    const due = run.latest(now, asked);
    if (due === undefined || due <= asked) return asked;
    // Asked for first: a process that dies in between asks twice, which costs a run, and never not at all.
    await run.request();
    await savePlanned(database, run.name, due);
    return due;
  } finally {
    await release();
  }
}
