import type { Duplex } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Client, Connection } from "pg";
import { Failure } from "../../failure.ts";
import type { ConnectionParts } from "../connection/connection-parts.ts";
import { unlessFull } from "../connection/connection-supply.ts";
import { openPool } from "../connection/pooled-database.ts";
import { beginWithSettings, openSession } from "../connection/session.ts";
import { typeParsers } from "../connection/type-parsers.ts";
import type { Database, Session } from "../database.ts";
import { Reading } from "../look/reading.ts";
import { addressOf, parseServerUrl, type ServerAddress } from "./server-address.ts";
import { serverConnection } from "./server-connection.ts";
import { serverFailure } from "./server-failure.ts";

/** The oldest supported Postgres version (contract, section 6). */
const oldestVersion = 140000;

/**
 * Connects to a Postgres server by URL. Throws a Failure if the server cannot be reached, refuses the connection, is
 * older than Postgres 14, or does not store UTF-8.
 */
export async function openServer(url: string, connections = usualConnections): Promise<Database> {
  const { parts, client } = await connectFit(url);
  await client.end().catch(() => undefined);
  return openPool({ ...parts, connections });
}

/** Time (ms) to reach the server again in order to end a statement. */
const cancelTimeoutMillis = 3000;

/** Connections that a run can use, plus some for concurrent readers. */
const usualConnections = 10;

/**
 * Opens the server by one connection, without a pool and transactions, for reading. Throws the Failures of
 * `openServer`.
 */
export async function openServerSession(url: string): Promise<Session> {
  const { parts, client } = await connectFit(url);
  return openSession(parts, client);
}

/** Opens the server by one connection for the user's own statements. Throws the Failures of `openServer`. */
export async function openServerReading(url: string, signal: AbortSignal | undefined): Promise<Reading> {
  const { parts, client } = await connectFit(url);
  return new Reading(parts, client, signal);
}

/**
 * Opens and checks a connection of its own. A pool would drop a refused connection without closing it, and this process
 * could not end until the server gives up (authentication_timeout, a minute).
 */
async function connectFit(url: string): Promise<{ parts: ConnectionParts; client: Client }> {
  const parsed = parseServerUrl(url);
  const address = addressOf(parsed);
  const connection = serverConnection(parsed);
  const { default: pg } = await import("pg");
  const types = await typeParsers();
  let beginPooled: string | undefined;
  let readOnly: Failure | undefined;
  const connect = async (): Promise<Client> => {
    const client = new pg.Client({ ...connection, types });
    // An idle connection that breaks is reported by its next query; without a listener the event would end the process.
    client.on("error", () => undefined);
    try {
      await client.connect();
      const fitness = await askFitness(client);
      refuseUnfit(fitness, address);
      readOnly = readOnlyFailure(fitness, address);
      if (isPooled(client, fitness)) beginPooled = await beginBehindPooler(client);
      return client;
    } catch (error) {
      await client.end().catch(() => undefined);
      throw error;
    }
  };
  const client = await unlessFull(connect).catch((error: unknown) => {
    throw serverFailure(error, address);
  });
  const parts: ConnectionParts = {
    kind: "server",
    location: address.shown,
    connection,
    connections: usualConnections,
    ...(beginPooled === undefined ? { greet } : { beginPooled }),
    copyIn,
    interrupt: (session) => cancelStatement(connection, session),
    ...(readOnly === undefined ? {} : { readOnly }),
    explain: (error) =>
      readOnly !== undefined && (error as { code?: string }).code === "25006"
        ? readOnly
        : serverFailure(error, address),
  };
  return { parts, client };
}

/**
 * Makes the server end a killed process's statement, and with it its transaction and locks. Some systems cannot check
 * whether the client is there (Postgres manual, client_connection_check_interval).
 */
const lookForClient = "client_connection_check_interval to '2s'";

async function greet(greeted: Client): Promise<void> {
  await greeted.query(`set ${lookForClient}`).catch(() => undefined);
}

/**
 * Returns whether a pooler stands before the server. A pooler hands out its own keys for cancelling statements, so the
 * number in the key differs from the server's process id (docs/decisions/2026-11-30-behind-a-pooler.md).
 */
function isPooled(client: Client, { pid }: Fitness): boolean {
  return (client as unknown as { processID: number | null }).processID !== pid;
}

/** Returns the statement that begins a transaction behind a pooler; it checks for the client only if the server can. */
async function beginBehindPooler(client: Client): Promise<string> {
  const full = `${beginWithSettings} set local ${lookForClient};`;
  try {
    await client.query(full);
    return full;
  } catch (error) {
    if ((error as { code?: string }).code !== "22023") throw error;
    return beginWithSettings;
  } finally {
    await client.query("rollback").catch(() => undefined);
  }
}

interface Fitness {
  pid: number;
  /** True for a server that follows another one. */
  replica: boolean;
  readOnly: boolean;
  version: number;
  name: string;
  encoding: string;
}

function readOnlyFailure(
  { replica, readOnly }: Fitness,
  { server, database, user }: ServerAddress,
): Failure | undefined {
  if (!replica && !readOnly) return undefined;
  const what = replica
    ? `The server ${server} is a read replica`
    : `The database "${database}" on ${server} is set to be read-only for user "${user}"`;
  return new Failure(
    "surroundings",
    `${what}, and this command writes; plan and audit do in a transaction that they roll back.`,
    {
      hint: replica
        ? "Name the primary server in the database URL. status, explain and rejections list work here."
        : `Run as its owner: alter role "${user}" set default_transaction_read_only = off, or the same of the database.`,
      remedy: "change",
    },
  );
}

async function askFitness(client: Client): Promise<Fitness> {
  const { rows } = await client.query<Fitness>(
    `select current_setting('server_version_num')::int as version, current_setting('server_version') as name,
            current_setting('server_encoding') as encoding, pg_backend_pid() as pid,
            pg_is_in_recovery() as replica, current_setting('transaction_read_only')::bool as "readOnly"`,
  );
  if (rows[0] === undefined) throw new Error("The server did not say its version.");
  return rows[0];
}

function refuseUnfit(server: Fitness, address: ServerAddress): void {
  if (server.version < oldestVersion) {
    throw new Failure(
      "surroundings",
      `The server ${address.server} is Postgres ${server.name}, and Postgres 14 or newer is needed.`,
      { hint: "Upgrade the server, or use the embedded database: a folder as `database`." },
    );
  }
  if (server.encoding !== "UTF8") {
    throw new Failure(
      "surroundings",
      `The database ${address.database} stores text as ${server.encoding}, which cannot hold every character.`,
      { hint: `Create one with: create database ${address.database}_utf8 encoding 'UTF8' template template0` },
    );
  }
}

/** Cancels a statement by a connection of its own: `pg` sends the protocol's cancel request without TLS. */
async function cancelStatement(connection: Record<string, unknown>, session: number): Promise<void> {
  const { default: pg } = await import("pg");
  const client = new pg.Client({ ...connection, connectionTimeoutMillis: cancelTimeoutMillis });
  client.on("error", () => undefined);
  try {
    await client.connect();
    await client.query("select pg_cancel_backend($1)", [session]);
  } catch {
    // Without a cancel the server notices the missing client itself (lookForClient).
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function copyIn(client: Client, statement: string, chunks: Iterable<string | Buffer>): Promise<void> {
  const { from } = (await import("pg-copy-streams")).default;
  const { stream } = (client as unknown as { connection: Connection }).connection;
  await pipeline(eachInOneWrite(chunks, stream), client.query(from(statement)));
}

/**
 * Corks the stream around each chunk: pg-copy-streams writes five bytes before it, which alone would wake up Postgres
 * for nothing.
 */
function* eachInOneWrite<Chunk>(chunks: Iterable<Chunk>, stream: Duplex): Generator<Chunk> {
  for (const chunk of chunks) {
    stream.cork();
    process.nextTick(() => stream.uncork());
    yield chunk;
  }
}
