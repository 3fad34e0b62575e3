import { connect, createServer, type Socket } from "node:net";

/**
 * What may happen to a statement: the connection is cut before the server sees it, or when the server has seen it and its
 * answer is on the way (a commit may or may not have been done); the server answers with an error of this SQLSTATE; or
 * every connection is cut and new ones are refused, as in a failover.
 */
export type StatementFault = "cut before" | "cut after" | "failover" | { error: string; message: string };

/** Decides about a statement by its number, from 1, and its text. */
export type Disturbance = (ordinal: number, sql: string) => StatementFault | undefined;

/** A proxy before a Postgres server. */
export interface MisbehavingPostgres {
  /** The URL of the same database through the proxy. */
  through(location: string): string;
  /** Numbers statements from 1 again and does with them what `how` says. */
  disturb(how: Disturbance): void;
  behave(): void;
  /** Statements seen since `disturb` or `behave`. */
  statements(): number;
  close(): Promise<void>;
}

const simpleQuery = 0x51;
const parse = 0x50;
const sync = 0x53;

/** Starts it before the server of this URL, which must take connections without TLS (protocol 3.0: Postgres manual, chapter 54). */
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
      // Each message of a statement would wait for the receipt of the one before it.
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
          // What belongs to a statement that another one stands for, until its end.
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

/** The statement of a Query or Parse message: the latter has a name before it. */
function textOf(type: number, message: Buffer): string {
  const begin = type === simpleQuery ? 5 : message.indexOf(0, 5) + 1;
  return message.toString("utf8", begin, message.indexOf(0, begin));
}

/** A Query message that makes the server answer with an error, and so abort the transaction itself. */
function raising({ error, message }: { error: string; message: string }): Buffer {
  const sql = `do $fault$ begin raise exception using errcode = '${error}', message = '${message}'; end $fault$`;
  const query = Buffer.alloc(sql.length + 6);
  query[0] = simpleQuery;
  query.writeInt32BE(sql.length + 5, 1);
  query.write(sql, 5, "latin1");
  return query;
}
