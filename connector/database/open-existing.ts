import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Database } from "./database.ts";
import { type OpenOptions, openDatabase } from "./open-database.ts";
import { isServer } from "./server-address.ts";

/**
 * Opens a database that a sync has used before, and undefined where there is none: unlike `openDatabase` it makes
 * neither folder nor schemas. Throws the same Failures.
 */
export async function openExisting(location: string, options: OpenOptions = {}): Promise<Database | undefined> {
  return (await isThere(location)) ? openDatabase(location, options) : undefined;
}

async function isThere(location: string): Promise<boolean> {
  if (!isServer(location)) return existsSync(join(location, "postgres", "PG_VERSION"));
  const { openServer } = await import("./open-server.ts");
  const server = await openServer(location);
  try {
    const [found] = await server.query<{ there: boolean }>(
      "select to_regclass('connector.migrations') is not null as there",
    );
    return found?.there === true;
  } finally {
    await server.close();
  }
}
