import { rmSync } from "node:fs";
import { access, constants, mkdir, mkdtemp, readdir, rename, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { Client } from "pg";
import { Failure } from "../../failure.ts";
import type { ConnectionParts } from "../connection/connection-parts.ts";
import { openPool } from "../connection/pooled-database.ts";
import { openSession } from "../connection/session.ts";
import { typeParsers } from "../connection/type-parsers.ts";
import type { Database, OpenOptions, Session } from "../database.ts";
import { Reading } from "../look/reading.ts";
import { copyInputPath } from "./copy-input.ts";
import { EmbeddedPostgres } from "./embedded-postgres.ts";
import { folderFailure, startFailure } from "./folder-failure.ts";
import { lockFolder, lockName } from "./folder-lock.ts";
import { refuseForeignFolder } from "./folder-owner.ts";
import { unpackNewData } from "./new-data.ts";

/** The part of a database folder that Postgres owns, and the place where a new one is prepared. */
const dataName = "postgres";
const newDataName = "postgres.new";

/** Returns the path of a database folder's data. */
export function dataFolder(location: string): string {
  return join(resolve(location), dataName);
}

/**
 * Opens the embedded Postgres in a folder, created if missing, and locks it against other processes. Throws a Failure
 * if the folder is in use, cannot be read or written, holds something else, or is damaged.
 */
export async function openEmbedded(location: string, options: OpenOptions): Promise<Database> {
  const { folder, release } = await takeFolder(location, options);
  return openFolder(folder, location, release, openStarted);
}

/** Opens the embedded Postgres for reading, without a pool and transactions. Throws the Failures of `openEmbedded`. */
export async function openEmbeddedSession(location: string, options: OpenOptions): Promise<Session> {
  return openClient(location, options, openSession);
}

/** Opens the embedded Postgres for the user's own statements. Throws the Failures of `openEmbedded`. */
export async function openEmbeddedReading(location: string, signal: AbortSignal | undefined): Promise<Reading> {
  const options = signal === undefined ? {} : { signal };
  return openClient(location, options, async (parts, client) => new Reading(parts, client, signal));
}

async function openClient<Opened>(
  location: string,
  options: OpenOptions,
  open: (parts: ConnectionParts, client: Client) => Promise<Opened>,
): Promise<Opened> {
  const { folder, release } = await takeFolder(location, options);
  return openFolder(folder, location, release, async (parts, started) => {
    const { default: pg } = await import("pg");
    await started;
    const client = new pg.Client({ ...parts.connection, types: await typeParsers() });
    client.on("error", () => undefined);
    await client.connect();
    return open(parts, client);
  });
}

/** Opens the pool while Postgres starts, because loading the driver takes a while. */
async function openStarted(parts: ConnectionParts, started: Promise<void>): Promise<Database> {
  const [database] = await Promise.all([openPool(parts), started]);
  return database;
}

/** Creates the folder if it is missing, and locks it. */
async function takeFolder(location: string, options: OpenOptions) {
  const folder = resolve(location);
  await mkdir(folder, { recursive: true, mode: 0o700 }).catch((error: unknown) => {
    throw folderFailure(error, location);
  });
  await refuseUnfitFolder(location);
  const release = await lockFolder(folder, location, options).catch((error: unknown) => {
    throw folderFailure(error, location);
  });
  return { folder, release };
}

/**
 * Opens an empty embedded Postgres that is removed when it is closed. It is a folder among the system's temporary ones
 * (TMPDIR): an in-memory one would grow with each write.
 */
export async function openTemporary(location: string): Promise<Database> {
  const folder = await mkdtemp(join(tmpdir(), `pipedrive-planhat-${process.pid}-`));
  // The process ends immediately on a second signal to stop.
  const removeAtExit = () => rmSync(folder, { recursive: true, force: true });
  process.once("exit", removeAtExit);
  const remove = async () => {
    await rm(folder, { recursive: true, force: true });
    process.removeListener("exit", removeAtExit);
  };
  return openFolder(folder, location, remove, openStarted);
}

/** Starts Postgres in a folder that no other process uses; calls `release` when it is closed or could not be opened. */
async function openFolder<Opened>(
  folder: string,
  location: string,
  release: () => Promise<void>,
  open: (parts: ConnectionParts, started: Promise<void>) => Promise<Opened>,
): Promise<Opened> {
  let postgres: EmbeddedPostgres | undefined;
  try {
    await prepareData(folder, location);
    const starting = new EmbeddedPostgres(join(folder, dataName));
    postgres = starting;
    const parts: ConnectionParts = {
      kind: "embedded",
      location,
      connection: { stream: () => starting.connect(), user: "postgres", database: "postgres" },
      // Postgres has a single session here, so callers wait for the transaction before them.
      connections: 1,
      async copyIn(connection, statement, chunks) {
        starting.giveCopyInput(chunks);
        await connection.query(statement.replace(/\bfrom\s+stdin\b/i, `from '${copyInputPath}'`));
      },
      explain: (error) => folderFailure(error, location, folder),
      // Postgres checks for no interrupt while it works (it lacks signals here), so its thread is ended.
      async interrupt() {
        await starting.kill();
        await removeSpilled(join(folder, dataName));
      },
      async afterClose() {
        try {
          await starting.close();
        } finally {
          await release();
        }
      },
    };
    const started = starting.started.catch((error: unknown) => {
      throw startFailure(error, location, folder);
    });
    return await open(parts, started);
  } catch (error) {
    await postgres?.kill();
    await release();
    throw error;
  }
}

/** Throws a Failure if an existing folder cannot hold a database, belongs to another user, or holds something else. */
export async function refuseUnfitFolder(location: string): Promise<void> {
  const folder = resolve(location);
  try {
    if (!(await stat(folder)).isDirectory()) throw Object.assign(new Error("not a folder"), { code: "ENOTDIR" });
    refuseForeignFolder(location);
    const entries = await readdir(folder);
    // Ignore dotfiles and a volume's lost+found: a folder with only these is empty.
    const foreign = entries.find(
      (name) =>
        !/^\./.test(name) && name !== "lost+found" && name !== dataName && name !== newDataName && !isLock(name),
    );
    if (foreign !== undefined && !entries.includes(dataName)) {
      throw new Failure(
        "surroundings",
        `The folder ${location} is not a database folder and not empty (it holds ${foreign}).`,
        { hint: "Name a new or an empty folder as `database`." },
      );
    }
    await access(folder, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    throw folderFailure(error, location);
  }
}

function isLock(name: string): boolean {
  return name === lockName || name.startsWith(`${lockName}.`);
}

/** Creates the data of a new folder aside and renames it, so that a kill leaves no half of it. */
async function prepareData(folder: string, location: string): Promise<void> {
  const data = join(folder, dataName);
  try {
    await removeSpilled(data);
    if (!(await exists(data))) {
      const newData = join(folder, newDataName);
      await rm(newData, { recursive: true, force: true });
      await mkdir(newData, { mode: 0o700 });
      await unpackNewData(newData);
      await rename(newData, data);
    } else if (!(await exists(join(data, "PG_VERSION")))) {
      throw new Error("its file PG_VERSION is missing");
    }
  } catch (error) {
    throw startFailure(error, location, folder);
  }
}

/**
 * Removes the temporary files of a statement that was killed. A server's start does so in a process that a single
 * session lacks.
 */
async function removeSpilled(data: string): Promise<void> {
  await rm(join(data, "base", "pgsql_tmp"), { recursive: true, force: true });
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return false;
    throw error;
  }
}
