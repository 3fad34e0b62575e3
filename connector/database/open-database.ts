import { isServer } from "../is-server.ts";
import type { Database } from "./database.ts";
import { migrate } from "./migrations/migrate.ts";

/** How a database is opened. */
export interface OpenOptions {
  /** Ends waiting. */
  signal?: AbortSignal;
  /** How long to wait for an embedded database that another process has open, in seconds; 0 by default. */
  waitSeconds?: number;
}

/**
 * Opens the hub and brings its schema up to date: `postgres://` and `postgresql://` are servers, anything else is a
 * folder with the embedded database, which is made when it is missing. The drivers are loaded here and not before,
 * because most commands need none. Throws a Failure of kind `surroundings` that names the way out.
 */
export async function openDatabase(location: string, options: OpenOptions = {}): Promise<Database> {
  return upToDate(
    isServer(location)
      ? await (await import("./open-server.ts")).openServer(location)
      : await (await import("./open-embedded.ts")).openEmbedded(location, options),
  );
}

/** An open database, its schema brought up to date. It is closed where that fails, and the Failure thrown on. */
export async function upToDate(database: Database): Promise<Database> {
  try {
    await migrate(database);
  } catch (error) {
    await database.close().catch(() => undefined);
    throw error;
  }
  return database;
}
