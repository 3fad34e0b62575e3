import { isSchedule, readSchedule } from "../config/schedule.ts";
import { pruneRuns } from "../database/runs.ts";
import { type RecurringRun, recur } from "./recurring-run.ts";
import type { Service, StartPart } from "./service.ts";

/** How long (ms) after the last walk through the whole lists the next one is due: a week. */
export const sweepEvery = 7 * 86_400_000;

/** The name under which the database keeps when the last walk through the whole lists was. */
export const sweepName = "sweep";

/** How long (ms) after old runs were forgotten this is due again: a day. */
const pruneEvery = 86_400_000;

/**
 * Asks for the incremental sync by the config's `schedule`, and once a week for a walk through the whole lists, which
 * finds what no other way shows. Once a day it forgets old runs.
 */
export const startSchedule: StartPart = async (service) => {
  const stopping = new AbortController();
  const stopped = AbortSignal.any([service.signal, stopping.signal]);
  const runs = [sweepRun(service), pruning(service), ...(await scheduledSync(service))];
  service.health.add("schedule", () => ({ ready: true, schedule: service.config.schedule ?? null }));
  const ended = runs.map((run) =>
    recur(service.database, run, stopped, (error) =>
      service.logger.warn(`The schedule could not be kept: ${error instanceof Error ? error.message : String(error)}`),
    ),
  );
  return async () => {
    stopping.abort();
    await Promise.all(ended);
  };
};

async function scheduledSync({ config, jobs }: Service): Promise<RecurringRun[]> {
  if (config.schedule === undefined) return [];
  const schedule = await readSchedule(config.schedule);
  // The config was checked when it was loaded.
  if (!isSchedule(schedule)) throw new Error(schedule.message);
  return [
    {
      name: "sync",
      latest: (now) => schedule.latest(now),
      next: (now) => schedule.next(now),
      request: async () => void (await jobs.requestSync({ mode: "incremental" })),
    },
  ];
}

function sweepRun({ jobs }: Service): RecurringRun {
  const request = async () => void (await jobs.requestSync({ mode: "sweep" }));
  return { name: sweepName, ...every(sweepEvery), request };
}

function pruning({ database }: Service): RecurringRun {
  return { name: "prune", ...every(pruneEvery), request: async () => void (await pruneRuns(database)) };
}

/** Due so long (ms) after the last time. */
function every(milliseconds: number): Pick<RecurringRun, "latest" | "next"> {
  const after = (asked: Date) => new Date(asked.getTime() + milliseconds);
  return {
    latest: (now, asked) => (after(asked) <= now ? now : undefined),
    next: (_now, asked) => after(asked),
  };
}
