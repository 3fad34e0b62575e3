import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Database } from "./database.ts";
import { type OpenOptions, openDatabase, upToDate } from "./open-database.ts";
import { isServer } from "./server-address.ts";

/**
 * Opens a database that a sync has used before, and undefined where there is none: unlike `openDatabase` it makes
 * neither folder nor schemas. Throws the same Failures.
 */
export async function openExisting(location: string, options: OpenOptions = {}): Promise<Database | undefined> {
  if (!isServer(location)) {
    return existsSync(join(location, "postgres", "PG_VERSION")) ? openDatabase(location, options) : undefined;
  }
  const { openServer } = await import("./open-server.ts");
  const server = await openServer(location);
  if (await isThere(server)) return upToDate(server);
  await server.close();
  return undefined;
}

async function isThere(server: Database): Promise<boolean> {
  try {
    const [found] = await server.query<{ there: boolean }>(
      "select to_regclass('connector.migrations') is not null as there",
    );
    return found?.there === true;
  } catch (error) {
    await server.close().catch(() => undefined);
    throw error;
  }
}
