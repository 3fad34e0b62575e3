import type { Client, CustomTypesConfig, Pool, PoolClient } from "pg";
import type { Database, Transaction } from "../database.ts";
import type { ConnectionParts } from "./connection-parts.ts";
import { ConnectionSupply } from "./connection-supply.ts";
import { sessionLocks, type TryLock, transactionLocks } from "./server-locks.ts";
import { inTransaction, rowsOf, sessionSettings } from "./session.ts";
import { CurrentTransaction, type TransactionScope, withinScope } from "./transaction-scope.ts";
import { typeParsers } from "./type-parsers.ts";

/** Time (ms) after which the pool closes an idle connection. */
const idleTimeoutMillis = 30_000;

/** Opens a pool of `pg` connections. The first statement makes the first connection. */
export async function openPool(parts: ConnectionParts): Promise<PooledDatabase> {
  const { default: pg } = await import("pg");
  const types: CustomTypesConfig = await typeParsers();
  /** Sets its own options: the pool's connection timeout would also limit waiting for a free connection. */
  class Connection extends pg.Client {
    constructor() {
      super({ ...parts.connection, types });
    }
  }
  const pool = new pg.Pool({
    max: parts.connections,
    idleTimeoutMillis,
    Client: Connection,
    // The pool awaits the result, whatever its type says (pg-pool, onConnect).
    async onConnect(connection) {
      // An idle connection that breaks is reported by its next query; without a listener the event would end the
      // process.
      connection.on("error", () => undefined);
      if (parts.beginPooled === undefined) await connection.query(sessionSettings);
      await parts.greet?.(connection as Client);
    },
  });
  // The pool drops idle connections that break; without a listener the event would end the process.
  pool.on("error", () => undefined);
  return new PooledDatabase(parts, pool);
}

/** A database behind a pool: statements of concurrent callers wait for a free connection. */
export class PooledDatabase implements Database {
  readonly kind: Database["kind"];
  readonly location: string;
  readonly rehearsal = false;
  readonly pooled: boolean;
  readonly #parts: ConnectionParts;
  readonly #pool: Pool;
  readonly #supply: ConnectionSupply;
  readonly #lockOnServer: TryLock;
  /** The open connections. */
  readonly #connections = new Set<unknown>();
  readonly #current = new CurrentTransaction();
  readonly #locks = new Map<number, () => Promise<void>>();
  #closing: Promise<void> | undefined;

  constructor(parts: ConnectionParts, pool: Pool) {
    this.kind = parts.kind;
    this.location = parts.location;
    this.pooled = parts.beginPooled !== undefined;
    this.#parts = parts;
    this.#pool = pool;
    this.#supply = new ConnectionSupply(pool, parts.connections);
    const connections = {
      take: async () => {
        const connection = await this.#acquire();
        this.#supply.keep(1);
        return connection;
      },
      giveBack: (connection: PoolClient) => {
        this.#supply.keep(-1);
        this.#release(connection);
      },
    };
    this.#lockOnServer =
      parts.beginPooled === undefined ? sessionLocks(connections) : transactionLocks(connections, parts.beginPooled);
    pool.on("connect", (connection) => this.#connections.add(connection));
    pool.on("remove", (connection) => this.#connections.delete(connection));
  }

  async query<Row extends object = Record<string, unknown>>(
    sql: string,
    parameters: readonly unknown[] = [],
  ): Promise<Row[]> {
    this.#refuseUnlessUsable();
    const begin = this.#parts.beginPooled;
    const connection = await this.#acquire();
    try {
      const run = () => this.#run<Row>(connection, sql, parameters);
      return await (begin === undefined ? run() : inTransaction(connection, begin, run));
    } catch (error) {
      throw this.#parts.explain(error);
    } finally {
      this.#release(connection);
    }
  }

  async transaction<Result>(work: (transaction: Transaction) => Promise<Result>): Promise<Result> {
    this.#refuseUnlessUsable();
    const scope: TransactionScope = { open: true, failure: undefined };
    const connection = await this.#acquire();
    try {
      return await inTransaction(connection, this.#parts.beginPooled ?? "begin", async () => {
        const result = await this.#current.run(scope, () => work(withinScope(this.#on(connection), scope)));
        // After a failed statement Postgres answers COMMIT with a silent ROLLBACK.
        if (scope.failure !== undefined) throw scope.failure.error;
        return result;
      });
    } catch (error) {
      throw this.#parts.explain(error);
    } finally {
      scope.open = false;
      this.#release(connection);
    }
  }

  async tryLock(key: number): Promise<(() => Promise<void>) | undefined> {
    if (this.#locks.has(key)) return undefined;
    this.#refuseUnlessUsable();
    // Registered before any await, so that only one of two callers here gets it.
    let release = async () => {};
    this.#locks.set(key, () => release());
    if (this.kind === "server") {
      let taken: (() => Promise<void>) | undefined;
      try {
        taken = await this.#lockOnServer(key);
      } catch (error) {
        this.#locks.delete(key);
        throw this.#parts.explain(error);
      }
      if (taken === undefined) {
        this.#locks.delete(key);
        return undefined;
      }
      release = taken;
    }
    return async () => {
      if (!this.#locks.delete(key)) return;
      await release();
    };
  }

  async close(): Promise<void> {
    this.#closing ??= (async () => {
      for (const release of [...this.#locks.values()]) await release();
      this.#locks.clear();
      try {
        await this.#supply.settle();
        await this.#pool.end();
        while (this.#connections.size > 0) await new Promise((resolve) => this.#pool.once("remove", resolve));
      } finally {
        await this.#parts.afterClose?.();
      }
    })();
    return this.#closing;
  }

  async refuseReadOnly(): Promise<void> {
    const refusal = this.#parts.readOnly;
    if (refusal !== undefined) throw refusal;
  }

  async shareConnections(needed: number): Promise<void> {
    if (this.kind === "embedded") return;
    try {
      await this.#supply.share(needed);
    } catch (error) {
      throw this.#parts.explain(error);
    }
  }

  /** Returns a transaction that sends concurrent statements one after the other. */
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
    try {
      return await this.#supply.take();
    } catch (error) {
      throw this.#parts.explain(error);
    }
  }

  /**
   * Gives a connection back. If its transaction is still open, because its end failed on the way to the server, the
   * connection is closed. The embedded database's one session outlives its connections.
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
