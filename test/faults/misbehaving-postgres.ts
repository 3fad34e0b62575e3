import { connect, createServer, type Socket } from "node:net";

/**
 * Possible faults of a statement:
 * - The connection is cut before the server receives it.
 * - The connection is cut while the answer is on its way, so that a commit may or may not be done.
 * - The server answers with an error of this SQLSTATE.
 * - Every connection is cut and new ones are refused, as in a failover.
 */
export type StatementFault = "cut before" | "cut after" | "failover" | { error: string; message: string };

/** Returns the fault of a statement by its number, from 1, and its text. */
export type Disturbance = (ordinal: number, sql: string) => StatementFault | undefined;

/** A proxy before a Postgres server. */
export interface MisbehavingPostgres {
  /** The URL of the same database through the proxy. */
  through(location: string): string;
  /** Restarts the numbering of statements from 1, and causes the faults that `how` returns. */
  disturb(how: Disturbance): void;
  behave(): void;
  /** Returns the number of statements since `disturb` or `behave`. */
  statements(): number;
  close(): Promise<void>;
}

const simpleQuery = 0x51;
const parse = 0x50;
const sync = 0x53;

/**
 * Starts the proxy before the server of this URL, which must accept connections without TLS (protocol 3.0: Postgres
 * manual, chapter 54).
 */
export async function misbehavingPostgres(serverUrl: string): Promise<MisbehavingPostgres> {
  const target = new URL(serverUrl);
  const open = new Set<Socket>();
  let ordinal = 0;
  let refusing = false;
  let how: Disturbance = () => undefined;

  const cutAll = () => {
    for (const socket of open) socket.resetAndDestroy();
  };

  const server = createServer((client) => {
    client.on("error", () => undefined);
    if (refusing) return void client.resetAndDestroy();
    const upstream = connect(Number(target.port), target.hostname);
    upstream.on("error", () => undefined);
    for (const socket of [client, upstream]) {
      // Otherwise each message of a statement would wait for the receipt of the previous one.
      socket.setNoDelay(true);
      open.add(socket);
      socket.on("close", () => {
        open.delete(socket);
        client.destroy();
        upstream.destroy();
      });
    }
    let cutting = false;
    upstream.on("data", (data) => {
      // The answer is lost on its way.
      if (cutting) client.resetAndDestroy();
      else client.write(data);
    });
    let started = false;
    let skipping = false;
    let rest: Buffer = Buffer.alloc(0);
    client.on("data", (data: Buffer) => {
      rest = Buffer.concat([rest, data]);
      for (;;) {
        const header = started ? 5 : 4;
        if (rest.length < header) return;
        const length = rest.readInt32BE(header - 4) + header - 4;
        if (rest.length < length) return;
        const message = rest.subarray(0, length);
        rest = rest.subarray(length);
        const type = started ? message[0]! : 0;
        started = true;
        if (skipping) {
          // Skips the rest of a statement that was replaced by another one.
          if (type === sync) skipping = false;
          continue;
        }
        if (type === simpleQuery || type === parse) {
          const fault = how(++ordinal, textOf(type, message));
          if (fault === "cut before") return void client.resetAndDestroy();
          if (fault === "failover") {
            refusing = true;
            return cutAll();
          }
          if (fault === "cut after") cutting = true;
          else if (fault !== undefined) {
            skipping = type === parse;
            upstream.write(raising(fault));
            continue;
          }
        }
        upstream.write(message);
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  return {
    through(location) {
      const url = new URL(location);
      url.port = String(port);
      return url.href;
    },
    disturb(disturbance) {
      ordinal = 0;
      how = disturbance;
    },
    behave() {
      refusing = false;
      ordinal = 0;
      how = () => undefined;
    },
    statements: () => ordinal,
    close: () =>
      new Promise((resolve) => {
        cutAll();
        server.close(() => resolve());
      }),
  };
}

/** Returns the statement of a Query or Parse message; the latter begins with a name. */
function textOf(type: number, message: Buffer): string {
  const begin = type === simpleQuery ? 5 : message.indexOf(0, 5) + 1;
  return message.toString("utf8", begin, message.indexOf(0, begin));
}

/** Returns a Query message that makes the server itself answer with an error, and so abort the transaction. */
function raising({ error, message }: { error: string; message: string }): Buffer {
  const sql = `do $fault$ begin raise exception using errcode = '${error}', message = '${message}'; end $fault$`;
  const query = Buffer.alloc(sql.length + 6);
  query[0] = simpleQuery;
  query.writeInt32BE(sql.length + 5, 1);
  query.write(sql, 5, "latin1");
  return query;
}
