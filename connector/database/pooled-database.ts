import type { Knex } from "knex";
import type { Client, CustomTypesConfig } from "pg";
import type { ConnectionParts } from "./connection-parts.ts";
import type { Database, Transaction } from "./database.ts";
import { rowsOf, sessionSettings } from "./session.ts";
import { CurrentTransaction, type TransactionScope, withinScope } from "./transaction-scope.ts";
import { typeParsers } from "./type-parsers.ts";

/** The part of knex's client that hands out raw connections, which knex's types leave open. */
interface ConnectionSource {
  acquireConnection(): Promise<Client>;
  releaseConnection(connection: Client): Promise<void>;
  /** Asked before a connection of the pool is handed out again: false throws it away. */
  validateConnection(connection: Client): boolean;
}

/** Waiting for a connection ends with this: longer than any transaction of ours. */
const acquireTimeoutMilliseconds = 3_600_000;

/** Knex's warnings would go to the console; what they tell is in the errors thrown. */
const silent = { warn() {}, error() {}, deprecate() {}, debug() {} };

/** Opens a pool of `pg` connections, managed by knex. The first connection is made by the first statement. */
export async function openPool(parts: ConnectionParts): Promise<PooledDatabase> {
  const knex = (await import("knex")).default;
  const types: CustomTypesConfig = await typeParsers();
  const pool = knex({
    client: "pg",
    // A function, because knex clones an object, and the embedded database's connection cannot be cloned.
    connection: (async () => ({ ...parts.connection, types })) as Knex.ConnectionConfigProvider,
    acquireConnectionTimeout: acquireTimeoutMilliseconds,
    log: silent,
    pool: {
      min: 0,
      max: parts.connections,
      afterCreate(connection: Client, done: (error: unknown, connection: Client) => void) {
        connection
          .query(sessionSettings)
          .then(() => parts.greet?.(connection))
          .then(
            () => done(null, connection),
            (error: unknown) => done(error, connection),
          );
      },
    },
  });
  // After a commit that failed knex hands the connection on as it is: with a transaction still open, where something between
  // us and the server failed it. The embedded database has one session, which ends with no connection.
  if (parts.kind === "server") {
    (pool.client as ConnectionSource).validateConnection = (connection) =>
      [null, "I"].includes(connection.getTransactionStatus());
  }
  return new PooledDatabase(parts, pool);
}

/** A database behind a pool: statements of concurrent callers wait for a free connection. */
export class PooledDatabase implements Database {
  readonly kind: Database["kind"];
  readonly location: string;
  readonly rehearsal = false;
  readonly #parts: ConnectionParts;
  readonly #knex: Knex;
  readonly #source: ConnectionSource;
  readonly #current = new CurrentTransaction();
  readonly #locks = new Map<number, () => Promise<void>>();
  #closing: Promise<void> | undefined;

  constructor(parts: ConnectionParts, knex: Knex) {
    this.kind = parts.kind;
    this.location = parts.location;
    this.#parts = parts;
    this.#knex = knex;
    this.#source = knex.client as ConnectionSource;
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
      await this.#source.releaseConnection(connection);
    }
  }

  async transaction<Result>(work: (transaction: Transaction) => Promise<Result>): Promise<Result> {
    this.#refuseUnlessUsable();
    const scope: TransactionScope = { open: true, failure: undefined };
    try {
      return await this.#knex.transaction(async (knexTransaction) => {
        const connection = await (knexTransaction.client as ConnectionSource).acquireConnection();
        try {
          const result = await this.#current.run(scope, () => work(withinScope(this.#on(connection), scope)));
          // Postgres answers COMMIT after a failed statement with a quiet ROLLBACK, and knex takes that for success.
          if (scope.failure !== undefined) throw scope.failure.error;
          return result;
        } catch (error) {
          // Knex would throw what the rollback failed with, when the connection is gone.
          scope.failure = { error };
          throw error;
        }
      });
    } catch (error) {
      throw this.#parts.explain(scope.failure === undefined ? error : scope.failure.error);
    } finally {
      scope.open = false;
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
        await this.#source.releaseConnection(connection);
        return undefined;
      }
    } catch (error) {
      await this.#source.releaseConnection(connection);
      throw error;
    }
    const release = async () => {
      if (!this.#locks.delete(key)) return;
      // A connection that broke has lost its lock with it.
      await connection.query("select pg_advisory_unlock($1)", [key]).catch(() => undefined);
      await this.#source.releaseConnection(connection);
    };
    this.#locks.set(key, release);
    return release;
  }

  async close(): Promise<void> {
    this.#closing ??= (async () => {
      for (const release of [...this.#locks.values()]) await release();
      try {
        await this.#knex.destroy();
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

  async #acquire(): Promise<Client> {
    try {
      return await this.#source.acquireConnection();
    } catch (error) {
      throw this.#parts.explain(error);
    }
  }

  async #run<Row extends object>(connection: Client, sql: string, parameters: readonly unknown[]): Promise<Row[]> {
    try {
      return await rowsOf<Row>(connection, sql, parameters);
    } catch (error) {
      throw this.#parts.explain(error);
    }
  }
}
