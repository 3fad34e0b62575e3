import { existsSync } from "node:fs";
import { join } from "node:path";
import { isServer } from "../is-server.ts";
import type { Database, Queryable, Session } from "./database.ts";
import { refuseForeignFolder } from "./folder-owner.ts";
import type { Reading } from "./look/reading.ts";
import { isUpToDate } from "./migrations/migrate.ts";
import { type OpenOptions, openDatabase, upToDate } from "./open-database.ts";

/**
 * Opens a database that a sync has used before, and undefined where there is none: unlike `openDatabase` it makes
 * neither folder nor schemas. Throws the same Failures.
 */
export async function openExisting(location: string, options: OpenOptions = {}): Promise<Database | undefined> {
  if (!isServer(location)) {
    return hasFolder(location) ? openDatabase(location, options) : undefined;
  }
  const { openServer } = await import("./open-server.ts");
  const server = await openServer(location);
  if (await orClosed(server, () => hasHub(server))) return upToDate(server);
  await server.close();
  return undefined;
}

/**
 * The same for a command that only asks: by one connection, without a pool, which takes longer to load than the answer
 * takes. A schema that is not up to date is brought up to date first.
 */
export async function openToAsk(location: string): Promise<Session | undefined> {
  const session = await openAsking(location);
  if (session === undefined) return undefined;
  if (await orClosed(session, () => isUpToDate(session, session.location))) return session;
  await session.close();
  return openExisting(location);
}

/** Opens a database by one connection, as it is: undefined where there is none, and nothing is brought up to date. */
export async function openAsking(location: string): Promise<Session | undefined> {
  if (isServer(location)) {
    const session = await (await import("./open-server.ts")).openServerSession(location);
    if (await orClosed(session, () => hasHub(session))) return session;
    await session.close();
    return undefined;
  }
  if (!hasFolder(location)) return undefined;
  return (await import("./open-embedded.ts")).openEmbeddedSession(location, {});
}

/**
 * Opens a database for statements that people write: undefined where there is none, and nothing is brought up to date.
 * An aborted signal ends the statement at work.
 */
export async function openToRead(location: string, signal?: AbortSignal): Promise<Reading | undefined> {
  if (!isServer(location)) {
    if (!hasFolder(location)) return undefined;
    return (await import("./open-embedded.ts")).openEmbeddedReading(location, signal);
  }
  const reading = await (await import("./open-server.ts")).openServerReading(location, signal);
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

/** What `work` returns; where it throws, the session is closed first. */
async function orClosed<Result>(session: Pick<Session, "close">, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    await session.close().catch(() => undefined);
    throw error;
  }
}
