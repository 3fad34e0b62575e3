import PgBoss from "pg-boss";
import { waitForLock } from "../../database/connection/wait-for-lock.ts";
import type { Database, Queryable } from "../../database/database.ts";
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
} from "../../database/tables/jobs.ts";
import { Failure } from "../../failure.ts";
import { type EventJob, eventKey, type SyncJob, syncKeyOf, type TakenJob } from "./jobs.ts";

/**
 * The retry settings of a failing job: the number of tries, and the first delay in seconds, which doubles with each
 * try.
 */
export interface JobPatience {
  retryLimit: number;
  retryDelay: number;
}

/** The durable work of all processes on a database. */
export interface JobQueue {
  /** Stores events, durable when it returns. An event equal to a waiting one is merged into it. */
  storeEvents(events: readonly EventJob[]): Promise<void>;
  /** Requests a run, durable when it returns. Returns the request's id, or the id of an equal request that waits. */
  requestSync(sync: SyncJob): Promise<string>;
  /** Returns whether there is work, and when the last run began. */
  findDue(): Promise<DueJobs>;
  /**
   * Takes all due jobs of a queue. The caller holds the run lock, so jobs that still run were left by a process that
   * died, and are taken again.
   */
  takeEvents(): Promise<TakenJob<EventJob>[]>;
  takeSyncs(): Promise<TakenJob<SyncJob>[]>;
  /** Removes finished jobs. */
  done(queue: QueueName, jobs: readonly TakenJob<unknown>[]): Promise<void>;
  /** Requeues jobs that could not be tried, through no fault of their own. */
  putBack(queue: QueueName, jobs: readonly TakenJob<unknown>[]): Promise<void>;
  /** Records failed jobs: they are retried later, and become dead letters after the last try. */
  failed(queue: QueueName, jobs: readonly TakenJob<unknown>[], error: unknown): Promise<void>;
  counts(): Promise<JobCounts>;
  close(): Promise<void>;
}

/** Jobs per run: their ids are read a hundred at a time. */
const mostJobs = 10_000;
/** Minutes for which waiting jobs are kept: ten years, so that waiting never drops one. */
const retention = 5_256_000;
/** The longest expiry that pg-boss allows, in seconds. The run lock reveals jobs of dead processes long before. */
const expireInSeconds = 23 * 3600;
/** The advisory lock that serializes the creation of the queues; any number that no other program uses. */
const preparingLock = 7_235_011_905;
const longestPreparing = 60;
const usual: JobPatience = { retryLimit: 6, retryDelay: 4 };

/**
 * Opens the queues: pg-boss in the schema `connector`, whose tables are created if missing. `problem` is called with
 * errors of pg-boss's maintenance.
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
    // Delete instead of completing: no one reads completed jobs, and at 200 a second they would fill the database.
    if (jobs.length > 0) await boss.deleteJob(queue, idsOf(jobs));
  };
  const take = async <Data extends object>(queue: QueueName): Promise<TakenJob<Data>[]> => {
    await putBackJobs(database, queue);
    // pg-boss treats an error of this statement as an empty queue.
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
    // A requeued job and a later one may have the same key; the first stands for both.
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
        // A waiting job may have been taken between the two statements.
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
      // pg-boss's types allow this form for one job only.
      await boss.fail(queue, idsOf(jobs) as unknown as string, output);
    },
    counts: () => countJobs(database),
    close: () => boss.stop({ graceful: false, close: false }),
  };
}

/**
 * Starts pg-boss and creates the queues, one process at a time: pg-boss's creation of a queue fails beside another one.
 */
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
      // Only one job per key waits.
      const queue: PgBoss.Queue = { name, policy: "short", deadLetter: deadLetterQueue, ...options };
      await boss.createQueue(name, queue);
      await boss.updateQueue(name, queue);
    }
  } catch (error) {
    // pg-boss's timers would keep the process alive.
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
    events.map((event) => ({ ...event, queue: "events", key: eventKey(event) })),
  );
}

/** Creates a pg-boss on the hub, not started. */
export function makeBoss(database: Database, problem: (error: Error) => void): PgBoss {
  const boss = new PgBoss({ db: bossDatabase(database), schema: "connector", schedule: false });
  boss.on("error", problem);
  return boss;
}

/** The database interface that pg-boss requires. */
export interface BossDatabase {
  executeSql(text: string, values?: unknown[]): Promise<{ rows: unknown[] }>;
}

/**
 * Runs pg-boss's SQL on the hub. Its scripts bring their own BEGIN and COMMIT. They run in a transaction of the hub
 * instead, so that a failing script leaves no pooled connection inside an open transaction.
 */
export function bossDatabase(database: Database): BossDatabase {
  return {
    async executeSql(text, values = []) {
      const whole = /^\s*BEGIN;([\s\S]*)COMMIT;\s*$/.exec(text)?.[1];
      if (whole === undefined) return { rows: await database.query(text, values) };
      // The schema exists. Postgres requires the right to create it even if there is nothing to create.
      const script = whole.replace(/CREATE SCHEMA IF NOT EXISTS connector\s*;/, "");
      return { rows: await database.transaction((transaction) => transaction.query(script)) };
    },
  };
}
