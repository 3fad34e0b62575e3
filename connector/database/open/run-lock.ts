import { Failure } from "../../failure.ts";
import { type LockPatience, waitForLock } from "../connection/wait-for-lock.ts";
import type { Database } from "../database.ts";
import { lastRuns } from "../tables/runs.ts";

/** The advisory lock of a run; any number that no other program uses. */
const lockKey = 7_235_011_901;

/** The run lock, once taken. */
export interface RunLock {
  /** Lets the next run begin. */
  release(): Promise<void>;
}

/** The failure of a process that did not get the run lock. */
export class RunUnderWay extends Failure {
  /** The run that has it; undefined where that is not known, or it is none. */
  readonly run: { id: string; startedAt: string } | undefined;

  constructor(run: RunUnderWay["run"]) {
    const which = run === undefined ? "" : ` (run ${run.id}, started ${run.startedAt})`;
    super("surroundings", `Another sync is running on this database${which}.`, {
      hint: "Let it finish: --wait <seconds> waits for it.",
    });
    this.run = run;
  }
}

/** Takes the run lock if it is free; undefined otherwise. */
export async function tryRunLock(database: Database): Promise<RunLock | undefined> {
  const release = await database.tryLock(lockKey);
  return release === undefined ? undefined : { release };
}

/**
 * Takes the lock that limits a database to one run at a time, waiting up to `waitSeconds` for another run to end.
 * Throws a Failure if it stays taken.
 */
export async function acquireRunLock(database: Database, patience: LockPatience = {}): Promise<RunLock> {
  const release = await waitForLock(database, lockKey, patience);
  if (release === undefined) throw await busy(database);
  return { release };
}

/**
 * Returns whether a process holds the run lock. On a server it does not take the lock, which would turn another run
 * away.
 */
export async function isRunUnderWay(database: Database): Promise<boolean> {
  if (database.kind === "embedded") {
    const release = await database.tryLock(lockKey);
    await release?.();
    return release === undefined;
  }
  const [row] = await database.query<{ held: boolean }>(
    `select exists (
       select from pg_locks where locktype = 'advisory' and granted
         and database = (select oid from pg_database where datname = current_database())
         and ((classid::bigint << 32) | objid::bigint) = $1
     ) as held`,
    [lockKey],
  );
  return row?.held === true;
}

async function busy(database: Database): Promise<Failure> {
  // The database of a plan may never have been synced; then there is no run to look up.
  const runs = await lastRuns(database, 1).catch(() => []);
  return new RunUnderWay(runs.find(({ finishedAt }) => finishedAt === null));
}
