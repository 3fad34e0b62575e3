import { bookmarkTimes } from "../database/bookmarks.ts";
import { readUsage } from "../database/budget.ts";
import type { Database } from "../database/database.ts";
import type { JobCounts } from "../database/jobs.ts";
import { countPending } from "../database/pending.ts";
import { countRejections } from "../database/rejections.ts";
import type { StreamName } from "../stream-name.ts";
import type { JobQueue } from "./job-queue.ts";

/** The state of the connector, from its database. */
export interface Standing {
  jobs: JobCounts;
  pending: number;
  rejections: number;
  tokensToday: number;
  /** The time at which each stream was last read (RFC 3339). */
  lastRead: Map<StreamName, string>;
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
  };
}
