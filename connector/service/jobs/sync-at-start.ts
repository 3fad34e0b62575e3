import { sinceLastSync } from "../../database/tables/runs.ts";
import { Failure } from "../../failure.ts";
import { toldStack } from "../../told-error.ts";
import type { Service } from "../service.ts";

/** Age (ms) of the last successful sync below which a start does not repeat it. */
const youngest = 60_000;

/**
 * Requests an incremental sync at a start, so that changes made while no listener ran are synced. It skips the sync if
 * one succeeded within the last minute, so that repeated starts do not spend the day's tokens. Pipedrive retries
 * deliveries that failed in so short a time.
 */
export async function syncAtStart({ database, jobs, events, logger }: Service): Promise<void> {
  try {
    const since = await sinceLastSync(database);
    if (since !== undefined && since < youngest) {
      logger.info("Start-up sync skipped: a sync has just succeeded.", { seconds_ago: Math.round(since / 1000) });
      return;
    }
    await jobs.requestSync({ mode: "incremental", by: "serve" });
    events.emit("work");
  } catch (error) {
    const told = error instanceof Failure ? error.message : toldStack(error);
    logger.warn("Start-up sync could not be queued.", { error: told });
  }
}
