import { setTimeout as sleep } from "node:timers/promises";
import { DeadPostgres } from "../../database/embedded/dead-postgres.ts";
import { tryRunLock } from "../../database/open/run-lock.ts";
import { describeStalled, findStalledRun } from "../../database/tables/stalled-runs.ts";
import { Failure } from "../../failure.ts";
import { toldMessage, toldStack } from "../../told-error.ts";
import type { PartHealth } from "../health.ts";
import type { StartPart } from "../service.ts";
import { carryOutEvents, carryOutSyncs } from "./carry-out-jobs.ts";

/** Interval (ms) at which the queue is checked for jobs of other processes. */
const pollMilliseconds = 2_000;
/** Pause (ms) of a worker before it tries the lock again. */
const lockMilliseconds = 250;
/** Time (ms) within which events that belong together arrive. */
const gatheringMilliseconds = 100;
/**
 * Minimum time (ms) between the starts of two runs, in any process. The first event after a rest becomes a row
 * immediately, and those of a burst gather: a run costs the same few requests for one event as for a hundred.
 */
const paceMilliseconds = 2_000;
/** The pause after a failure (ms), doubled with each further one in a row, and its limit. */
const firstPause = 1_000;
const longestPause = 60_000;

/** Public sentences about what holds up the work, without error texts. */
const standsStill = "A run has made no progress for minutes; `status` says which and since when.";
const waits = "Pipedrive, Planhat, the database or the daily budget is unavailable; events wait. The log names it.";
const failed = "The last run failed and is retried. The log names the reason.";

/**
 * Starts the worker. Processes on the database take turns: the holder of the run lock takes all due jobs, executes them
 * in as few runs as possible, and releases the lock. A worker finds nothing if another has done its jobs. Jobs that
 * could not be tried, without an API, a budget or a database, wait and are retried.
 */
export const startWorker: StartPart = async (service) => {
  const { database, jobs, logger, signal, health } = service;
  const stopping = new AbortController();
  const stopped = AbortSignal.any([signal, stopping.signal]);
  let woken = false;
  let wake = () => {
    woken = true;
  };
  let problem: Pick<PartHealth, "problem" | "cause"> | undefined;
  let failures = 0;
  /** True while a run is in progress, here or in another process. */
  let underWay = false;
  service.events.on("work", () => wake());
  health.add("work", async () => {
    const { events, syncs, deadLetters, oldestEvent } = await jobs.counts();
    const stalled = underWay ? await findStalledRun(database) : undefined;
    return {
      ready: true,
      ...(stalled === undefined ? problem : { problem: standsStill, cause: describeStalled(stalled) }),
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
    if (!due) {
      underWay = false;
      return false;
    }
    await rest(Math.max(gatheringMilliseconds, paceMilliseconds - sinceLastRun));
    const lock = await tryRunLock(database);
    underWay = true;
    if (lock === undefined) {
      await rest(lockMilliseconds);
      return true;
    }
    try {
      await carryOutEvents(service, stopped);
      if (!stopped.aborted) await carryOutSyncs(service, stopped);
    } finally {
      underWay = false;
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
        const cause = toldMessage(error);
        problem = { problem: error instanceof Failure && error.kind === "surroundings" ? waits : failed, cause };
        // A dead Postgres can only be started again together with this process.
        if (error instanceof Error && error.cause instanceof DeadPostgres)
          return void service.events.emit("broken", error);
        const pause = Math.min(longestPause, firstPause * 2 ** failures++);
        const stack = error instanceof Failure ? {} : { stack: toldStack(error) };
        logger.warn("Worker paused after a failure.", { pause_s: pause / 1000, error: cause, ...stack });
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
