import { countActive } from "../database/alerts/standing.ts";
import type { Database } from "../database/database.ts";
import { countPending } from "../database/landing/pending.ts";
import { bookmarkTimes } from "../database/tables/bookmarks.ts";
import { readUsage } from "../database/tables/budget.ts";
import type { JobCounts } from "../database/tables/jobs.ts";
import { countRejections } from "../database/tables/rejections.ts";
import type { StreamName } from "../stream-name.ts";
import type { JobQueue } from "./jobs/job-queue.ts";

/** The state of the connector, from its database. */
export interface Standing {
  jobs: JobCounts;
  pending: number;
  rejections: number;
  tokensToday: number;
  /** The time at which each stream was last read (RFC 3339). */
  lastRead: Map<StreamName, string>;
  /** The number of channels that know of each condition of alerts that lasts. */
  alerts: Map<string, number>;
}

/** Reads the state, which is common to all processes on the database. */
export async function readStanding(database: Database, jobs: JobQueue): Promise<Standing> {
  const { tokens } = await readUsage(database, new Date().toISOString().slice(0, 10));
  return {
    jobs: await jobs.counts(),
    pending: await countPending(database),
    rejections: await countRejections(database),
    tokensToday: tokens,
    lastRead: await bookmarkTimes(database),
    alerts: await countActive(database),
  };
}
