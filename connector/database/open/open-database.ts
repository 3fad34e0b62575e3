import { isServer } from "../../is-server.ts";
import type { Database, OpenOptions } from "../database.ts";
import { migrate } from "../migrations/migrate.ts";

/**
 * Opens the hub and brings its schema up to date: `postgres://` and `postgresql://` name servers, anything else a
 * folder with the embedded database, which is created if missing. The drivers are loaded only here, because most
 * commands need none. Throws a Failure of kind `surroundings` with a hint.
 */
export async function openDatabase(location: string, options: OpenOptions = {}): Promise<Database> {
  return upToDate(
    isServer(location)
      ? await (await import("../server/open-server.ts")).openServer(location)
      : await (await import("../embedded/open-embedded.ts")).openEmbedded(location, options),
  );
}

/**
 * Brings the schema of an open database up to date and returns the database. If that fails it closes the database and
 * throws the Failure.
 */
export async function upToDate(database: Database): Promise<Database> {
  try {
    await migrate(database);
  } catch (error) {
    await database.close().catch(() => undefined);
    throw error;
  }
  return database;
}
