import { isServer } from "../../is-server.ts";
import type { Database, OpenOptions } from "../database.ts";
import { migrate } from "../migrations/migrate.ts";

/**
 * Opens the hub and brings its schema up to date: `postgres://` and `postgresql://` name servers, anything else a
 * folder with the embedded database, which is created if missing. The drivers are loaded only here, because most
 * commands need none. Throws a Failure of kind `surroundings` with a hint.
 */
export async function openDatabase(location: string, options: OpenOptions = {}): Promise<Database> {
  return upToDate(await openUnmigrated(location, options));
}

/** Opens the hub, or creates an empty folder for it, and leaves its schema as it is. Throws as `openDatabase` does. */
export async function openUnmigrated(location: string, options: OpenOptions = {}): Promise<Database> {
  return isServer(location)
    ? (await import("../server/open-server.ts")).openServer(location)
    : (await import("../embedded/open-embedded.ts")).openEmbedded(location, options);
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
