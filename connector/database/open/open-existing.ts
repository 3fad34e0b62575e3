import { existsSync } from "node:fs";
import { join } from "node:path";
import { isServer } from "../../is-server.ts";
import type { Database, OpenOptions, Queryable, Session } from "../database.ts";
import { refuseForeignFolder } from "../embedded/folder-owner.ts";
import type { Reading } from "../look/reading.ts";
import { isUpToDate } from "../migrations/migrate.ts";
import { openDatabase, upToDate } from "./open-database.ts";

/**
 * Opens a database that a sync has used before; undefined if there is none. Unlike `openDatabase` it creates neither
 * folder nor schemas. Throws the Failures of `openDatabase`.
 */
export async function openExisting(location: string, options: OpenOptions = {}): Promise<Database | undefined> {
  if (!isServer(location)) {
    return hasFolder(location) ? openDatabase(location, options) : undefined;
  }
  const { openServer } = await import("../server/open-server.ts");
  const server = await openServer(location);
  if (await orClosed(server, () => hasHub(server))) return upToDate(server);
  await server.close();
  return undefined;
}

/**
 * Opens an existing database for a command that only reads; undefined if there is none. Uses one connection: loading a
 * pool takes longer than the answer. An outdated schema is migrated first. Throws the Failures of `openDatabase`.
 */
export async function openToAsk(location: string): Promise<Session | undefined> {
  const session = await openAsking(location);
  if (session === undefined) return undefined;
  if (await orClosed(session, () => isUpToDate(session, session.location))) return session;
  await session.close();
  return openExisting(location);
}

/** Opens an existing database by one connection, without migrating it; undefined if there is none. */
export async function openAsking(location: string): Promise<Session | undefined> {
  if (isServer(location)) {
    const session = await (await import("../server/open-server.ts")).openServerSession(location);
    if (await orClosed(session, () => hasHub(session))) return session;
    await session.close();
    return undefined;
  }
  if (!hasFolder(location)) return undefined;
  return (await import("../embedded/open-embedded.ts")).openEmbeddedSession(location, {});
}

/**
 * Opens an existing database for the user's own statements, without migrating it; undefined if there is none. An
 * aborted signal ends the running statement.
 */
export async function openToRead(location: string, signal?: AbortSignal): Promise<Reading | undefined> {
  if (!isServer(location)) {
    if (!hasFolder(location)) return undefined;
    return (await import("../embedded/open-embedded.ts")).openEmbeddedReading(location, signal);
  }
  const reading = await (await import("../server/open-server.ts")).openServerReading(location, signal);
  if (await orClosed(reading, () => reading.hasHub())) return reading;
  await reading.close();
  return undefined;
}

function hasFolder(location: string): boolean {
  refuseForeignFolder(location);
  return existsSync(join(location, "postgres", "PG_VERSION"));
}

async function hasHub(queryable: Queryable): Promise<boolean> {
  const [found] = await queryable.query<{ there: boolean }>(
    "select to_regclass('connector.migrations') is not null as there",
  );
  return found?.there === true;
}

/** Returns the result of `work`; if it throws, closes the session first. */
async function orClosed<Result>(session: Pick<Session, "close">, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    await session.close().catch(() => undefined);
    throw error;
  }
}

/**
 * Opens the hub without creating or migrating anything. If there is no database, an empty one replaces it until it is
 * closed. Throws the Failures of `openDatabase`.
 */
export async function openAsItIs(location: string, options: OpenOptions = {}): Promise<Database> {
  if (isServer(location)) return (await import("../server/open-server.ts")).openServer(location);
  const { dataFolder, openEmbedded, openTemporary, refuseUnfitFolder } = await import("../embedded/open-embedded.ts");
  if (existsSync(dataFolder(location))) return openEmbedded(location, options);
  if (existsSync(location)) await refuseUnfitFolder(location);
  return openTemporary(location);
}
