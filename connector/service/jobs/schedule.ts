import { isSchedule, readSchedule } from "../../config/schedule.ts";
import { pruneRuns } from "../../database/tables/runs.ts";
import { toldMessage } from "../../told-error.ts";
import type { Service, StartPart } from "../service.ts";
import { type RecurringRun, recur } from "./recurring-run.ts";
import { syncAtStart } from "./sync-at-start.ts";

/** Interval (ms) between walks through the whole lists: a week. */
export const sweepEvery = 7 * 86_400_000;

/** The schedule of a service whose config has neither schedule nor webhook nor sync_token. */
const usualSchedule = "*/15 * * * *";

/** The name under which the database records the last walk through the whole lists. */
export const sweepName = "sweep";

/** Interval (ms) between removals of old runs: a day. */
const pruneEvery = 86_400_000;

/**
 * Requests the incremental sync by the config's `schedule`; if the config has nothing that starts syncs, at the start
 * and every 15 minutes. Requests a walk through the whole lists once a week, which finds changes that nothing else
 * shows. Removes old runs once a day.
 */
export const startSchedule: StartPart = async (service) => {
  const stopping = new AbortController();
  const stopped = AbortSignal.any([service.signal, stopping.signal]);
  const { config, logger } = service;
  const isLeftAlone = [config.schedule, config.webhook, config.sync_token].every((one) => one === undefined);
  const schedule = isLeftAlone ? usualSchedule : config.schedule;
  if (isLeftAlone) {
    logger.info(
      "The config has no schedule, webhook or sync_token: serve syncs now and then every 15 minutes. Write `schedule:` for other times.",
    );
  }
  const runs = [sweepRun(service), pruning(service), ...(await scheduledSync(service, schedule))];
  service.health.add("schedule", () => ({ ready: true, schedule: schedule ?? null }));
  const problem = (error: unknown) => logger.warn("Scheduling failed.", { error: toldMessage(error) });
  const ended = runs.map((run) => recur(service.database, run, stopped, { problem }));
  if (isLeftAlone) ended.push(syncAtStart(service));
  return async () => {
    stopping.abort();
    await Promise.all(ended);
  };
};

async function scheduledSync({ jobs }: Service, text: string | undefined): Promise<RecurringRun[]> {
  if (text === undefined) return [];
  const schedule = await readSchedule(text);
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

/** Returns due times at a fixed interval (ms) after the last one. */
function every(milliseconds: number): Pick<RecurringRun, "latest" | "next"> {
  const after = (asked: Date) => new Date(asked.getTime() + milliseconds);
  return {
    latest: (now, asked) => (after(asked) <= now ? now : undefined),
    next: (_now, asked) => after(asked),
  };
}
