import type { Queryable } from "../database.ts";

/**
 * The queues of the service. Their tables are pg-boss's, in the schema `connector`; they exist once `serve` has been
 * started on the database.
 */
export const queueNames = ["events", "syncs"] as const;
export type QueueName = (typeof queueNames)[number];

/** The queue for jobs that failed too often. */
export const deadLetterQueue = "dead_letters";

/** The number of jobs. */
export interface JobCounts {
  /** Jobs that wait or run. */
  events: number;
  syncs: number;
  /** Jobs given up; `rejections retry` tries them again. */
  deadLetters: number;
  /** The arrival time of the oldest waiting event, as `…Z`; null if none waits. */
  oldestEvent: string | null;
}

/** A job that was given up. */
export interface DeadLetter {
  id: string;
  queue: QueueName;
  data: object;
  /** The last error. */
  error: string;
  /** The time when it was given up, as `…Z`. */
  since: string;
}

/** Counts the jobs; all zero on a database that no `serve` has used. */
export async function countJobs(queryable: Queryable): Promise<JobCounts> {
  if (!(await hasJobs(queryable))) return { events: 0, syncs: 0, deadLetters: 0, oldestEvent: null };
  const [row] = await queryable.query<Record<"events" | "syncs" | "dead", string> & { oldest: string | null }>(
    `select count(*) filter (where name = 'events') as events, count(*) filter (where name = 'syncs') as syncs,
            count(*) filter (where name = '${deadLetterQueue}') as dead,
            to_char(min(created_on) filter (where name = 'events') at time zone 'UTC', '${instant}') as oldest
     from connector.job where state in ('created', 'retry', 'active')`,
  );
  return {
    events: Number(row?.events),
    syncs: Number(row?.syncs),
    deadLetters: Number(row?.dead),
    oldestEvent: row?.oldest ?? null,
  };
}

const instant = 'YYYY-MM-DD"T"HH24:MI:SS"Z"';

/** Due jobs, if there are any, and the time (ms) since the last run on the database began, if there was one. */
export interface DueJobs {
  due: boolean;
  sinceLastRun: number | undefined;
}

/** Finds out whether jobs are due. */
export async function findDueJobs(queryable: Queryable): Promise<DueJobs> {
  const [row] = await queryable.query<{ due: boolean; since: string | null }>(
    `select exists (
       select from connector.job where name = any($1) and state in ('created', 'retry', 'active') and start_after <= now()
     ) as due,
     (select round(extract(epoch from clock_timestamp() - max(started_at)) * 1000) from connector.runs) as since`,
    [queueNames],
  );
  const since = row?.since ?? null;
  return { due: row?.due === true, sinceLastRun: since === null ? undefined : Math.max(0, Number(since)) };
}

/**
 * Requeues running jobs: those with the given ids, or all. Only the holder of the run lock may requeue all, because
 * their process must have died. It does not count as a try. A job that arrived since with the same key is merged into
 * it, so that no outage multiplies jobs.
 */
export async function putBackJobs(queryable: Queryable, queue: QueueName, ids?: readonly string[]): Promise<void> {
  // Not `created`: pg-boss lets only one such job per key wait, and another one may arrive now.
  await queryable.query(
    `with back as (
       update connector.job set state = 'retry', started_on = null
       where name = $1 and state = 'active' and ($2::uuid[] is null or id = any($2)) returning singleton_key
     )
     delete from connector.job
     where name = $1 and state = 'created' and singleton_key in (select singleton_key from back)`,
    [queue, ids ?? null],
  );
}

/** Lists the jobs that were given up, newest first. */
export async function listDeadLetters(queryable: Queryable, most: number): Promise<DeadLetter[]> {
  if (!(await hasJobs(queryable))) return [];
  const rows = await queryable.query<{ id: string; data: { queue: QueueName }; error: string | null; since: string }>(
    `select id, data, coalesce(output->>'message', output->>'value') as error,
            to_char(created_on at time zone 'UTC', '${instant}') as since
     from connector.job where name = '${deadLetterQueue}' and state = 'created' order by created_on desc, id limit $1`,
    [most],
  );
  return rows.map(({ id, data, error, since }) => ({ id, queue: data.queue, data, error: error ?? "", since }));
}

/**
 * Requeues the jobs that were given up, with all their tries; returns how many. A running `serve` takes them up within
 * seconds.
 */
export async function retryDeadLetters(queryable: Queryable): Promise<number> {
  if (!(await hasJobs(queryable))) return 0;
  const [row] = await queryable.query<{ count: string }>(
    `with given as (delete from connector.job where name = '${deadLetterQueue}' returning data),
     waiting as (${letGivenWait})
     select count(*) as count from given`,
  );
  return Number(row?.count);
}

/**
 * Inserts jobs into the queues that they name, in one statement; durable when it returns. Only one job per key waits.
 */
export async function insertJobs(
  queryable: Queryable,
  jobs: readonly { queue: QueueName; key?: string }[],
): Promise<void> {
  await queryable.query(`with given as (select value as data from jsonb_array_elements($1::jsonb)) ${letGivenWait}`, [
    JSON.stringify(jobs),
  ]);
}

/** Inserts a job for each `data` in `given`, with the retry settings of the queue that it names. */
const letGivenWait = `
  insert into connector.job (name, data, singleton_key, dead_letter, expire_in, keep_until, retry_limit, retry_delay,
                             retry_backoff, policy)
  select q.name, given.data, given.data->>'key', q.dead_letter, q.expire_seconds * interval '1 second',
         now() + q.retention_minutes * interval '1 minute', q.retry_limit, q.retry_delay, q.retry_backoff, q.policy
  from given join connector.queue as q on q.name = given.data->>'queue'
  on conflict do nothing`;

/** Returns the waiting job with this key; undefined if none waits. */
export async function findWaitingJob(queryable: Queryable, queue: QueueName, key: string): Promise<string | undefined> {
  const [row] = await queryable.query<{ id: string }>(
    "select id from connector.job where name = $1 and singleton_key = $2 and state = 'created' limit 1",
    [queue, key],
  );
  return row?.id;
}

async function hasJobs(queryable: Queryable): Promise<boolean> {
  const [row] = await queryable.query<{ there: boolean }>("select to_regclass('connector.job') is not null as there");
  return row?.there === true;
}
