import type { Database } from "./database.ts";
import { instantText } from "./instant-text.ts";

/** A run that is not finished and has saved nothing for minutes. */
export interface StalledRun {
  id: string;
  mode: string;
  /** When it last saved anything, as `…Z`. */
  since: string;
  /** Another session holds a lock that a session on this database waits for: their process ids on the server. */
  blockedBy: number[];
}

/**
 * After so many minutes without progress something is wrong: a request ends within 40 s, whatever comes of it, and no
 * wait for a rate limit is longer than a minute.
 */
const longestStill = 3;

/** Finds the run that stands still, if one does; whether its process is still there is not known here. */
export async function findStalledRun(database: Database): Promise<StalledRun | undefined> {
  const [run] = await database.query<Omit<StalledRun, "blockedBy">>(
    `select id, mode, ${instantText("coalesce(progress_at, started_at)")} as since from connector.runs
     where finished_at is null and coalesce(progress_at, started_at) < now() - interval '${longestStill} minutes'
     order by started_at desc limit 1`,
  );
  if (run === undefined) return undefined;
  return { ...run, blockedBy: database.kind === "server" ? await lockHolders(database) : [] };
}

/** Says so in a sentence. */
export function describeStalled({ id, mode, since, blockedBy }: StalledRun): string {
  const why =
    blockedBy.length > 0
      ? `a session of the database holds a lock that it may be waiting for (process ${blockedBy.join(", ")} on the server)`
      : "it waits for an answer, for its input or for a lock, or its process is gone";
  return `The ${mode} run ${id} has made no progress since ${since}: ${why}.`;
}

async function lockHolders(database: Database): Promise<number[]> {
  const rows = await database.query<{ pid: number }>(
    `select distinct holder.pid from pg_stat_activity as waiting, unnest(pg_blocking_pids(waiting.pid)) as holder (pid)
     where waiting.datname = current_database() and waiting.wait_event_type = 'Lock' order by 1`,
  );
  return rows.map(({ pid }) => pid);
}
