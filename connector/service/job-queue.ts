import PgBoss from "pg-boss";
import type { Database, Queryable } from "../database/database.ts";
import {
  countJobs,
  type DueJobs,
  deadLetterQueue,
  findDueJobs,
  findWaitingJob,
  insertJobs,
  type JobCounts,
  putBackJobs,
  type QueueName,
  queueNames,
} from "../database/jobs.ts";
import { waitForLock } from "../database/wait-for-lock.ts";
import { Failure } from "../failure.ts";
import { bossDatabase } from "./boss-database.ts";
import { type EventJob, keyOf, type SyncJob, syncKeyOf, type TakenJob } from "./jobs.ts";

/** How often a job is tried that fails by itself, and after how many seconds first; each further wait is twice as long. */
export interface JobPatience {
  retryLimit: number;
  retryDelay: number;
}

/** The durable work of all processes on a database. */
export interface JobQueue {
  /** Stores events; durable when it returns. Those that ask for what waits already are one with it. */
  storeEvents(events: readonly EventJob[]): Promise<void>;
  /** Asks for a run; durable when it returns, with the id of the request: of one that waits for the same, that one's. */
  requestSync(sync: SyncJob): Promise<string>;
  /** Whether there is work, and when the last was begun. */
  findDue(): Promise<DueJobs>;
  /**
   * Takes all that is due of a queue. The caller holds the run lock: what is still under way then was left by a process
   * that died, and is taken again.
   */
  takeEvents(): Promise<TakenJob<EventJob>[]>;
  takeSyncs(): Promise<TakenJob<SyncJob>[]>;
  /** The jobs are done. */
  done(queue: QueueName, jobs: readonly TakenJob<unknown>[]): Promise<void>;
  /** The jobs could not be tried, through no fault of theirs: they wait again. */
  putBack(queue: QueueName, jobs: readonly TakenJob<unknown>[]): Promise<void>;
  /** The jobs failed: they are tried again later, and given up (a dead letter) after so many tries. */
  failed(queue: QueueName, jobs: readonly TakenJob<unknown>[], error: unknown): Promise<void>;
  counts(): Promise<JobCounts>;
  close(): Promise<void>;
}

/** How many jobs one run takes at most: their ids are read a hundred at a time. */
const mostJobs = 10_000;
/** Nothing is thrown away because it waited: ten years, in minutes. */
const retention = 5_256_000;
/** The longest that pg-boss allows. Jobs of dead processes are found by the run lock, long before. */
const expireInSeconds = 23 * 3600;
/** The advisory lock by which processes take turns at making the queues; any number that no other program uses. */
const preparingLock = 7_235_011_905;
const longestPreparing = 60;
const usual: JobPatience = { retryLimit: 6, retryDelay: 4 };

/**
 * Opens the queues: pg-boss in the schema `connector`, whose tables are made when they are missing. `problem` is told
 * what its maintenance stumbles over.
 */
export async function openJobQueue(
  database: Database,
  problem: (error: Error) => void,
  patience: JobPatience = usual,
): Promise<JobQueue> {
  const boss = makeBoss(database, problem);
  await prepare(database, boss, patience);
  const idsOf = (jobs: readonly TakenJob<unknown>[]) => jobs.map(({ id }) => id);
  const done: JobQueue["done"] = async (queue, jobs) => {
    // Deleted, not completed: nobody asks for them again, and at 200 a second they would fill the database.
    if (jobs.length > 0) await boss.deleteJob(queue, idsOf(jobs));
  };
  const take = async <Data extends object>(queue: QueueName): Promise<TakenJob<Data>[]> => {
    await putBackJobs(database, queue);
    // pg-boss takes an error of this for an empty queue.
    let failure: { error: unknown } | undefined;
    const db = bossDatabase(database);
    const watched: PgBoss.Db = {
      executeSql: (text, values) =>
        db.executeSql(text, values).catch((error: unknown) => {
          failure = { error };
          throw error;
        }),
    };
    const jobs = await boss.fetch<Data & { key?: string }>(queue, { batchSize: mostJobs, db: watched });
    if (failure !== undefined) throw failure.error;
    // One that was put back and one that came after it ask for the same; the first stands for both.
    const first = new Map(jobs.toReversed().map((job) => [job.data.key ?? job.id, job]));
    await done(
      queue,
      jobs.filter((job) => first.get(job.data.key ?? job.id) !== job),
    );
    return [...first.values()].toReversed().map(({ id, data }) => ({ id, data }));
  };
  return {
    storeEvents: (events) => storeEvents(database, events),
    async requestSync(sync) {
      const key = syncKeyOf(sync);
      for (;;) {
        const sent = await boss.send("syncs", { ...sync, queue: "syncs", key }, { singletonKey: key });
        const id = sent ?? (await findWaitingJob(database, "syncs", key));
        // One that waited may have been taken between the two.
        if (id !== undefined) return id;
      }
    },
    findDue: () => findDueJobs(database),
    takeEvents: () => take<EventJob>("events"),
    takeSyncs: () => take<SyncJob>("syncs"),
    done,
    putBack: (queue, jobs) => putBackJobs(database, queue, idsOf(jobs)),
    async failed(queue, jobs, error) {
      if (jobs.length === 0) return;
      const output = { message: error instanceof Error ? error.message : String(error) };
      // Its types know this form for one job only.
      await boss.fail(queue, idsOf(jobs) as unknown as string, output);
    },
    counts: () => countJobs(database),
    close: () => boss.stop({ graceful: false, close: false }),
  };
}

/** Starts pg-boss and makes the queues, one process after another: pg-boss's own making of a queue fails beside another's. */
async function prepare(database: Database, boss: PgBoss, patience: JobPatience): Promise<void> {
  const release = await waitForLock(database, preparingLock, { waitSeconds: longestPreparing });
  if (release === undefined) {
    throw new Failure("surroundings", "Another process has been making the job queue for a minute.");
  }
  try {
    await boss.start();
    await boss.createQueue(deadLetterQueue, { name: deadLetterQueue, retentionMinutes: retention });
    const options = { ...patience, retryBackoff: true, expireInSeconds, retentionMinutes: retention };
    for (const name of queueNames) {
      // Of the jobs with one key only one waits.
      const queue: PgBoss.Queue = { name, policy: "short", deadLetter: deadLetterQueue, ...options };
      await boss.createQueue(name, queue);
      await boss.updateQueue(name, queue);
    }
  } catch (error) {
    // Its timers would keep the process.
    await boss.stop({ graceful: false, close: false });
    throw error;
  } finally {
    await release();
  }
}

/** Stores events on a database that has the queues; durable when it returns. */
export async function storeEvents(queryable: Queryable, events: readonly EventJob[]): Promise<void> {
  if (events.length === 0) return;
  await insertJobs(
    queryable,
    events.map((event) => ({ ...event, queue: "events", key: keyOf(event) })),
  );
}

/** pg-boss on our database, not started. */
export function makeBoss(database: Database, problem: (error: Error) => void): PgBoss {
  const boss = new PgBoss({ db: bossDatabase(database), schema: "connector", schedule: false });
  boss.on("error", problem);
  return boss;
}
