import type { Database } from "./database.ts";
import { migrate } from "./migrations/migrate.ts";
import { openAsItIs } from "./open-as-it-is.ts";
import { type OpenOptions, openDatabase } from "./open-database.ts";
import { type Rehearsal, rehearse } from "./rehearse.ts";
import { acquireRunLock } from "./run-lock.ts";
import { vacuumDeadRows } from "./statistics.ts";

/** Opens the hub at a location and holds its run lock, lets `work` use it, and closes it. Returns what `work` does. */
export type UseDatabase = <Result>(
  location: string,
  options: OpenOptions,
  work: (database: Database) => Promise<Result>,
) => Promise<Result>;

/** The hub itself, made where it is missing and brought up to date. */
export const inLockedDatabase: UseDatabase = async (location, options, work) => {
  const database = await openDatabase(location, options);
  return locked(database, options, () => work(database));
};

/**
 * A rehearsal on the hub, brought up to date within it: in the end everything is as it was, and where it was not made.
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
      // What matters has been done or has been thrown already.
      await vacuumDeadRows(database).catch(() => undefined);
    }
  });
};

/**
 * The hub itself, made where it is missing and brought up to date, in one transaction: nothing is kept of what `work`
 * does until it says so.
 */
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
