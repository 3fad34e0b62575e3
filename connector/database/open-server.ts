import type { Duplex } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Client, Connection } from "pg";
import { Failure } from "../failure.ts";
import type { ConnectionParts } from "./connection-parts.ts";
import type { Database, Session } from "./database.ts";
import { openPool } from "./pooled-database.ts";
import { type ServerAddress, serverAddress } from "./server-address.ts";
import { serverFailure } from "./server-failure.ts";
import { openSession } from "./session.ts";
import { typeParsers } from "./type-parsers.ts";

/** The oldest Postgres whose SQL ours is (contract, section 6). */
const oldestVersion = 140000;

/**
 * Connects to a Postgres server by URL. Throws a Failure when it cannot be reached, refuses us, is older than
 * Postgres 14, or does not store UTF-8.
 */
export async function openServer(url: string): Promise<Database> {
  const { parts, client } = await connectFit(url);
  await client.end().catch(() => undefined);
  return openPool(parts);
}

/** The same by one connection, without a pool and transactions, for what only reads. Throws the same Failures. */
export async function openServerSession(url: string): Promise<Session> {
  const { parts, client } = await connectFit(url);
  return openSession(parts, client);
}

/**
 * Tries the server on a connection of its own, which is left open: a pool forgets one that was refused without closing it,
 * which would keep this process from ending until the server gives up on it (authentication_timeout, a minute).
 */
async function connectFit(url: string): Promise<{ parts: ConnectionParts; client: Client }> {
  const address = serverAddress(url);
  const connection = {
    application_name: "pipedrive-planhat",
    connectionString: url,
    connectionTimeoutMillis: 15_000,
    keepAlive: true,
  };
  const { default: pg } = await import("pg");
  const client = new pg.Client({ ...connection, types: await typeParsers() });
  // What breaks while nothing is asked of it is told by the next question.
  client.on("error", () => undefined);
  try {
    await client.connect();
    refuseUnfit(await askFitness(client), address);
  } catch (error) {
    await client.end().catch(() => undefined);
    throw serverFailure(error, address);
  }
  const parts: ConnectionParts = {
    kind: "server",
    location: address.shown,
    connection,
    connections: 10,
    async greet(greeted) {
      // A killed process's statement ends, and with it its transaction and locks, though it waits and says nothing. Some
      // systems cannot look whether the client is there (Postgres manual, client_connection_check_interval).
      await greeted.query("set client_connection_check_interval to '2s'").catch(() => undefined);
    },
    copyIn,
    explain: (error) => serverFailure(error, address),
  };
  return { parts, client };
}

interface Fitness {
  version: number;
  name: string;
  encoding: string;
}

async function askFitness(client: Client): Promise<Fitness> {
  const { rows } = await client.query<Fitness>(
    `select current_setting('server_version_num')::int as version, current_setting('server_version') as name,
            current_setting('server_encoding') as encoding`,
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

async function copyIn(client: Client, statement: string, chunks: Iterable<string | Buffer>): Promise<void> {
  const { from } = (await import("pg-copy-streams")).default;
  const { stream } = (client as unknown as { connection: Connection }).connection;
  await pipeline(eachInOneWrite(chunks, stream), client.query(from(statement)));
}

/** pg-copy-streams writes five bytes before each chunk: sent by themselves they would wake up Postgres for nothing. */
function* eachInOneWrite<Chunk>(chunks: Iterable<Chunk>, stream: Duplex): Generator<Chunk> {
  for (const chunk of chunks) {
    stream.cork();
    process.nextTick(() => stream.uncork());
    yield chunk;
  }
}
