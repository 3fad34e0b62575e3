import { setTimeout as sleep } from "node:timers/promises";
import { DeadPostgres } from "../database/dead-postgres.ts";
import { tryRunLock } from "../database/run-lock.ts";
import { describeStalled, findStalledRun } from "../database/stalled-runs.ts";
import { Failure } from "../failure.ts";
import type { Summary } from "../sync/summary.ts";
import { carryOutEvents, carryOutSyncs } from "./carry-out-jobs.ts";
import type { PartHealth } from "./health.ts";
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

/** What everybody may read of what is in the way. */
const standsStill = "A run has made no progress for minutes; `status` says which and since when.";
const waits =
  "Pipedrive, Planhat, the database or the day's budget cannot be had now, so the work waits; the log says which.";
const failed = "The last run failed; the log says why, and it is tried again.";

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
  let problem: Pick<PartHealth, "problem" | "cause"> | undefined;
  let failures = 0;
  /** A run is under way, here or in another process. */
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
        const cause = error instanceof Error ? error.message : String(error);
        problem = { problem: error instanceof Failure && error.kind === "surroundings" ? waits : failed, cause };
        // It can only be started anew, with this process.
        if (error instanceof Error && error.cause instanceof DeadPostgres)
          return void service.events.emit("broken", error);
        const pause = Math.min(longestPause, firstPause * 2 ** failures++);
        const hint = error instanceof Failure ? "" : ` ${(error as Error).stack ?? ""}`;
        logger.warn(`The work waits ${pause / 1000} s: ${cause}${hint}`);
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
