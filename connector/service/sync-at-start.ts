import { sinceLastSync } from "../database/runs.ts";
import { Failure } from "../failure.ts";
import type { Service } from "./service.ts";

/** A sync that ended well less than this (ms) ago is not repeated by a start. */
const youngest = 60_000;

/**
 * Asks for an incremental sync, as a start does: what happened while nobody listened is no matter then. After a sync
 * that ended well within the last minute it is left out, so that a process that starts again and again does not spend
 * the day's tokens; Pipedrive delivers again what it could not deliver in so short a time.
 */
export async function syncAtStart({ database, jobs, events, logger }: Service): Promise<void> {
  try {
    const since = await sinceLastSync(database);
    if (since !== undefined && since < youngest) {
      logger.info(`The last sync ended well ${Math.round(since / 1000)} s ago: the one at the start is left out.`);
      return;
    }
    await jobs.requestSync({ mode: "incremental", by: "serve" });
    events.emit("work");
  } catch (error) {
    const told = error instanceof Failure ? error.message : (error as Error).stack;
    logger.warn(`The sync at the start could not be asked for: ${told}`);
  }
}
