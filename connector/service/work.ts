import { setTimeout as sleep } from "node:timers/promises";
import { tryRunLock } from "../database/run-lock.ts";
import { Failure } from "../failure.ts";
import type { Summary } from "../sync/summary.ts";
import { carryOutEvents, carryOutSyncs } from "./carry-out-jobs.ts";
import type { StartPart } from "./service.ts";

/** A run of the service that has ended. */
export interface FinishedRun {
  /** What it was for. */
  cause: "events" | "incremental" | "full" | "sweep" | "company";
  summary: Summary;
  failure?: unknown;
  /** How long its events had waited when their rows were there, in seconds each. */
  latencies: number[];
}

/** How often (ms) the queue is looked at for jobs that other processes stored. */
const pollMilliseconds = 2_000;
/** How long (ms) a worker waits for the lock before it looks again. */
const lockMilliseconds = 250;
/** Events that belong together come within this time (ms). */
const gatheringMilliseconds = 100;
/**
 * The least time (ms) from the begin of one run to that of the next, whoever begins it: the first event after a rest is a
 * row at once, and those of a burst gather, because a run costs the same few requests for one event as for a hundred.
 */
const paceMilliseconds = 2_000;
/** The wait after a failure, doubled with each further one in a row up to the longest. */
const firstPause = 1_000;
const longestPause = 60_000;

/**
 * Takes turns with the other processes on the database: whoever has the run lock takes all jobs that are due, carries
 * them out in as few runs as there can be, and lets the lock go. A worker whose jobs were done by another finds nothing.
 * What could not be tried, for want of an API, a budget or a database, waits and is tried again.
 */
export const startWorker: StartPart = async (service) => {
  const { database, jobs, logger, signal, health } = service;
  const stopping = new AbortController();
  const stopped = AbortSignal.any([signal, stopping.signal]);
  let woken = false;
  let wake = () => {
    woken = true;
  };
  let problem: string | undefined;
  let failures = 0;
  service.events.on("work", () => wake());
  health.add("work", async () => {
    const { events, syncs, deadLetters, oldestEvent } = await jobs.counts();
    return {
      ready: true,
      ...(problem === undefined ? {} : { problem }),
      waiting_events: events,
      waiting_syncs: syncs,
      dead_letters: deadLetters,
      oldest_event: oldestEvent,
    };
  });

  const rest = async (milliseconds: number, until: AbortSignal = stopped) => {
    await sleep(milliseconds, undefined, { signal: until }).catch(() => undefined);
  };

  const idle = async () => {
    if (woken) return;
    const awake = new AbortController();
    wake = () => {
      woken = true;
      awake.abort();
    };
    await rest(pollMilliseconds, AbortSignal.any([stopped, awake.signal]));
  };

  const once = async (): Promise<boolean> => {
    woken = false;
    const { due, sinceLastRun = paceMilliseconds } = await jobs.findDue();
    if (!due) return false;
    await rest(Math.max(gatheringMilliseconds, paceMilliseconds - sinceLastRun));
    const lock = await tryRunLock(database);
    if (lock === undefined) {
      await rest(lockMilliseconds);
      return true;
    }
    try {
      await carryOutEvents(service, stopped);
      if (!stopped.aborted) await carryOutSyncs(service, stopped);
    } finally {
      await lock.release();
    }
    return true;
  };

  const loop = async () => {
    while (!stopped.aborted) {
      try {
        const worked = await once();
        problem = undefined;
        failures = 0;
        if (!worked) await idle();
      } catch (error) {
        if (stopped.aborted) return;
        problem = error instanceof Error ? error.message : String(error);
        const pause = Math.min(longestPause, firstPause * 2 ** failures++);
        const hint = error instanceof Failure ? "" : ` ${(error as Error).stack ?? ""}`;
        logger.warn(`The work waits ${pause / 1000} s: ${problem}${hint}`);
        await rest(pause);
      }
    }
  };
  const ended = loop();
  return async () => {
    stopping.abort();
    await ended;
  };
};
