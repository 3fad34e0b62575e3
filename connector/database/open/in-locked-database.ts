import type { Database, OpenOptions } from "../database.ts";
import { migrate } from "../migrations/migrate.ts";
import { type Rehearsal, rehearse } from "../rehearsal/rehearse.ts";
import { vacuumDeadRows } from "../tables/statistics.ts";
import { openDatabase } from "./open-database.ts";
import { openAsItIs } from "./open-existing.ts";
import { acquireRunLock } from "./run-lock.ts";

/**
 * Opens the hub at a location, holds its run lock while `work` uses it, and closes it. Returns the result of `work`.
 */
export type UseDatabase = <Result>(
  location: string,
  options: OpenOptions,
  work: (database: Database) => Promise<Result>,
) => Promise<Result>;

/** Uses the hub itself; it is created if missing, and migrated. */
export const inLockedDatabase: UseDatabase = async (location, options, work) => {
  const database = await openDatabase(location, options);
  return locked(database, options, () => work(database));
};

/**
 * Uses the hub in a rehearsal, which also migrates it: everything is rolled back in the end, and a missing hub is not
 * created.
 */
export const inRehearsal: UseDatabase = async (location, options, work) => {
  const database = await openAsItIs(location, options);
  return locked(database, options, async () => {
    try {
      return await rehearse(database, async (rehearsal) => {
        await migrate(rehearsal);
        return work(rehearsal);
      });
    } finally {
      // A failure here changes nothing: the result is there, or its error is already on its way.
      await vacuumDeadRows(database).catch(() => undefined);
    }
  });
};

/** Uses the hub, created if missing and migrated, in one transaction: the work is kept only where `work` commits it. */
export async function inOneTransaction<Result>(
  location: string,
  options: OpenOptions,
  work: (rehearsal: Rehearsal) => Promise<Result>,
): Promise<Result> {
  const database = await openDatabase(location, options);
  return locked(database, options, () => rehearse(database, work));
}

async function locked<Result>(database: Database, options: OpenOptions, work: () => Promise<Result>): Promise<Result> {
  try {
    const lock = await acquireRunLock(database, options);
    try {
      return await work();
    } finally {
      await lock.release();
    }
  } finally {
    await database.close();
  }
}
