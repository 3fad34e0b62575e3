import { randomBytes } from "node:crypto";
import { rmSync } from "node:fs";
import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import type { Database } from "../connector/database/database.ts";
import { openDatabase } from "../connector/database/open/open-database.ts";
import { inTestLong } from "./long.ts";
import { postgresServer } from "./postgres-server.ts";

export type DatabaseKind = Database["kind"];

/** Opens a new, migrated and otherwise empty database, which is closed and removed after the tests of its block. */
type Open = () => Promise<Database>;

/**
 * Describes tests on the embedded database and on a server, for behaviour that may differ: SQL and types, locks,
 * folders, kills, the first sync, both ways, write.
 */
export function eachDatabase(describeTests: (open: Open, kind: DatabaseKind) => void): void {
  for (const kind of ["embedded", "server"] as const) describeOn(kind, (open) => describeTests(open, kind));
}

/**
 * Describes tests of behaviour that does not depend on the database. `make test` runs them on a server, and `make
 * test-long` on the embedded database, where each start costs seconds.
 */
export function onServerFirst(describeTests: (kind: DatabaseKind, open: Open) => void): void {
  const kind = inTestLong ? "embedded" : "server";
  describeOn(kind, (open) => describeTests(kind, open));
}

function describeOn(kind: DatabaseKind, describeTests: (open: Open) => void): void {
  describe(kind === "embedded" ? "in the embedded database" : "on a server", () => {
    const opened: { database: Database; location: string }[] = [];
    after(async () => {
      for (const { database } of opened) await database.close();
      for (const { location } of opened) await removeLocation(location);
    });
    describeTests(async () => {
      const location = await migratedLocation(kind);
      const database = await openDatabase(location);
      opened.push({ database, location });
      return database;
    });
  });
}

/** Returns the location of a new, closed database with the current schema. The caller removes it: `removeLocation`. */
export async function migratedLocation(kind: DatabaseKind): Promise<string> {
  if (kind === "embedded") {
    const folder = await newFolder();
    await cp(await embeddedTemplate(), folder, { recursive: true });
    return folder;
  }
  return createServerDatabase(databaseName(await serverTemplate()));
}

/** Returns the location of a new database without a schema: an empty folder, or an empty database on the server. */
export async function emptyLocation(kind: DatabaseKind): Promise<string> {
  return kind === "embedded" ? newFolder() : createServerDatabase("template0");
}

/** Returns the location of a copy of another database, which must be closed. The caller removes it. */
export async function copyLocation(location: string): Promise<string> {
  if (location.startsWith("postgres")) return createServerDatabase(databaseName(location));
  const folder = await newFolder();
  await cp(location, folder, { recursive: true });
  return folder;
}

/** Removes a closed database. */
export async function removeLocation(location: string): Promise<void> {
  if (!location.startsWith("postgres")) return rm(location, { recursive: true, force: true });
  await onServer((client) => client.query(`drop database if exists ${databaseName(location)} with (force)`));
}

/** Both templates are created once per test run: a new embedded database takes seconds, a copy of one does not. */
let embedded: Promise<string> | undefined;
let server: Promise<string> | undefined;

function embeddedTemplate(): Promise<string> {
  embedded ??= newFolder().then((folder) => {
    // The hook below removes it; this line does if a failing run never reaches the hook.
    process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
    return prepared(folder);
  });
  return embedded;
}

function serverTemplate(): Promise<string> {
  server ??= createServerDatabase("template0").then(prepared);
  return server;
}

async function prepared(location: string): Promise<string> {
  await (await openDatabase(location)).close();
  return location;
}

// Benchmarks use this outside mocha; there the throwaway server and the exit hook above remove it.
(globalThis as { after?: typeof after }).after?.(async () => {
  // A worker of a parallel run comes here after each file: resources that end with it also serve its next file.
  const goesOn = process.env["MOCHA_WORKER_ID"] !== undefined;
  if (embedded !== undefined && !goesOn) await removeLocation(await embedded);
  if (server === undefined || (goesOn && !process.env["TEST_DATABASE_URL"])) return;
  await removeLocation(await server);
  server = undefined;
});

function newFolder(): Promise<string> {
  return mkdtemp(join(tmpdir(), "pipedrive-planhat-test-"));
}

/** The last copy in progress: Postgres copies a template for one new database at a time. */
let creating: Promise<unknown> = Promise.resolve();

async function createServerDatabase(template: string): Promise<string> {
  const name = `pipedrive_planhat_${randomBytes(6).toString("hex")}`;
  const created = creating.then(() =>
    onServer((client) => client.query(`create database ${name} template ${template} encoding 'UTF8'`)),
  );
  creating = created.catch(() => undefined);
  await created;
  const url = new URL(await postgresServer());
  url.pathname = `/${name}`;
  return url.href;
}

function databaseName(location: string): string {
  return new URL(location).pathname.slice(1);
}

async function onServer(work: (client: pg.Client) => Promise<unknown>): Promise<void> {
  const client = new pg.Client({ connectionString: await postgresServer() });
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}
