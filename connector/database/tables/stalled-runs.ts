import { instantText } from "../bulk/instant-text.ts";
import type { Database } from "../database.ts";

/** An unfinished run that has saved nothing for minutes. */
export interface StalledRun {
  id: string;
  mode: string;
  /** The instant when it last saved something, as `…Z`. */
  since: string;
  /** Process ids, on the server, of sessions that hold a lock for which another session on this database waits. */
  blockedBy: number[];
}

/**
 * Minutes without progress after which a run counts as stalled: every request ends within 40 s, and no wait for a rate
 * limit exceeds a minute.
 */
const longestStill = 3;

/** Finds the stalled run, if there is one; its process may be alive or gone. */
export async function findStalledRun(database: Database): Promise<StalledRun | undefined> {
  const [run] = await database.query<Omit<StalledRun, "blockedBy">>(
    `select id, mode, ${instantText("coalesce(progress_at, started_at)")} as since from connector.runs
     where finished_at is null and coalesce(progress_at, started_at) < now() - interval '${longestStill} minutes'
     order by started_at desc limit 1`,
  );
  if (run === undefined) return undefined;
  return { ...run, blockedBy: database.kind === "server" ? await lockHolders(database) : [] };
}

/** Returns a sentence that describes a stalled run. */
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
