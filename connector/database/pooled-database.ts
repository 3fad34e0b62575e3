import type { Client, CustomTypesConfig, Pool, PoolClient } from "pg";
import type { ConnectionParts } from "./connection-parts.ts";
import type { Database, Transaction } from "./database.ts";
import { rowsOf, sessionSettings } from "./session.ts";
import { CurrentTransaction, type TransactionScope, withinScope } from "./transaction-scope.ts";
import { typeParsers } from "./type-parsers.ts";

/** A connection that nobody uses is closed after this time. */
const idleTimeoutMillis = 30_000;

/** Opens a pool of `pg` connections. The first connection is made by the first statement. */
export async function openPool(parts: ConnectionParts): Promise<PooledDatabase> {
  const { default: pg } = await import("pg");
  const types: CustomTypesConfig = await typeParsers();
  /** With options of its own: the pool's time limit for connecting is one for waiting for a free connection too. */
  class Connection extends pg.Client {
    constructor() {
      super({ ...parts.connection, types });
    }
  }
  const pool = new pg.Pool({
    max: parts.connections,
    idleTimeoutMillis,
    Client: Connection,
    // Awaited by the pool, whatever its type says (pg-pool, onConnect).
    async onConnect(connection) {
      // What breaks while nothing is asked of it is told by the next question.
      connection.on("error", () => undefined);
      await connection.query(sessionSettings);
      await parts.greet?.(connection as Client);
    },
  });
  // A connection that breaks while nobody has it leaves the pool by itself.
  pool.on("error", () => undefined);
  return new PooledDatabase(parts, pool);
}

/** A database behind a pool: statements of concurrent callers wait for a free connection. */
export class PooledDatabase implements Database {
  readonly kind: Database["kind"];
  readonly location: string;
  readonly rehearsal = false;
  readonly #parts: ConnectionParts;
  readonly #pool: Pool;
  /** Those that wait for a connection. */
  readonly #acquiring = new Set<Promise<PoolClient>>();
  /** The connections that are open. */
  readonly #connections = new Set<unknown>();
  readonly #current = new CurrentTransaction();
  readonly #locks = new Map<number, () => Promise<void>>();
  #closing: Promise<void> | undefined;

  constructor(parts: ConnectionParts, pool: Pool) {
    this.kind = parts.kind;
    this.location = parts.location;
    this.#parts = parts;
    this.#pool = pool;
    pool.on("connect", (connection) => this.#connections.add(connection));
    pool.on("remove", (connection) => this.#connections.delete(connection));
  }

  async query<Row extends object = Record<string, unknown>>(
    sql: string,
    parameters: readonly unknown[] = [],
  ): Promise<Row[]> {
    this.#refuseUnlessUsable();
    const connection = await this.#acquire();
    try {
      return await this.#run<Row>(connection, sql, parameters);
    } finally {
      this.#release(connection);
    }
  }

  async transaction<Result>(work: (transaction: Transaction) => Promise<Result>): Promise<Result> {
    this.#refuseUnlessUsable();
    const scope: TransactionScope = { open: true, failure: undefined };
    const connection = await this.#acquire();
    try {
      await connection.query("begin");
      const result = await this.#current.run(scope, () => work(withinScope(this.#on(connection), scope)));
      // Postgres answers COMMIT after a failed statement with a quiet ROLLBACK.
      if (scope.failure !== undefined) throw scope.failure.error;
      await connection.query("commit");
      return result;
    } catch (error) {
      // Fails itself when the connection is gone, which rolls back too.
      await connection.query("rollback").catch(() => undefined);
      throw this.#parts.explain(error);
    } finally {
      scope.open = false;
      this.#release(connection);
    }
  }

  async tryLock(key: number): Promise<(() => Promise<void>) | undefined> {
    if (this.#locks.has(key)) return undefined;
    if (this.kind === "embedded") {
      const release = async () => void this.#locks.delete(key);
      this.#locks.set(key, release);
      return release;
    }
    this.#refuseUnlessUsable();
    const connection = await this.#acquire();
    try {
      const [row] = await this.#run<{ taken: boolean }>(connection, "select pg_try_advisory_lock($1) as taken", [key]);
      if (row?.taken !== true || this.#locks.has(key)) {
        this.#release(connection);
        return undefined;
      }
    } catch (error) {
      this.#release(connection);
      throw error;
    }
    const release = async () => {
      if (!this.#locks.delete(key)) return;
      // A connection that broke has lost its lock with it.
      await connection.query("select pg_advisory_unlock($1)", [key]).catch(() => undefined);
      this.#release(connection);
    };
    this.#locks.set(key, release);
    return release;
  }

  async close(): Promise<void> {
    this.#closing ??= (async () => {
      for (const release of [...this.#locks.values()]) await release();
      try {
        // The pool would leave those who wait without an answer.
        await Promise.allSettled(this.#acquiring);
        await this.#pool.end();
        while (this.#connections.size > 0) await new Promise((resolve) => this.#pool.once("remove", resolve));
      } finally {
        await this.#parts.afterClose?.();
      }
    })();
    return this.#closing;
  }

  /** Statements that are sent at once go one after the other. */
  #on(connection: Client): Transaction {
    let last: Promise<unknown> = Promise.resolve();
    const afterThat = <Result>(send: () => Promise<Result>): Promise<Result> => {
      const sent = last.then(send);
      last = sent.catch(() => undefined);
      return sent;
    };
    return {
      query: (sql, parameters = []) => afterThat(() => this.#run(connection, sql, parameters)),
      copyIn: (statement, chunks) =>
        afterThat(async () => {
          try {
            await this.#parts.copyIn(connection, statement, chunks);
          } catch (error) {
            throw this.#parts.explain(error);
          }
        }),
    };
  }

  #refuseUnlessUsable(): void {
    if (this.#closing !== undefined) throw new Error("The database is closed.");
    this.#current.refuseInside();
  }

  async #acquire(): Promise<PoolClient> {
    const acquiring = this.#pool.connect();
    this.#acquiring.add(acquiring);
    try {
      return await acquiring;
    } catch (error) {
      throw this.#parts.explain(error);
    } finally {
      this.#acquiring.delete(acquiring);
    }
  }

  /**
   * Gives a connection back. One whose transaction is still open, where something between us and the server failed its end,
   * is closed; the embedded database has one session, which ends with no connection.
   */
  #release(connection: PoolClient): void {
    connection.release(this.kind === "server" && ![null, "I"].includes(connection.getTransactionStatus()));
  }

  async #run<Row extends object>(connection: Client, sql: string, parameters: readonly unknown[]): Promise<Row[]> {
    try {
      return await rowsOf<Row>(connection, sql, parameters);
    } catch (error) {
      throw this.#parts.explain(error);
    }
  }
}
