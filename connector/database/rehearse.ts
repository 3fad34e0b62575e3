import { AsyncResource } from "node:async_hooks";
import type { Database, Transaction } from "./database.ts";
import { identifier } from "./model-columns.ts";
import { neverEnding } from "./server-locks.ts";
import { CurrentTransaction, type TransactionScope, withinScope } from "./transaction-scope.ts";

/** What the rehearsing transaction is rolled back with. */
class Undone extends Error {
  override readonly name = "Undone";
}

/**
 * Runs `work` on a database that takes everything and keeps nothing: a transaction on the given one, rolled back when
 * `work` ends, however it does. In it `transaction()` is a savepoint and `query()` goes over the same connection, one
 * caller after the other, so what is read is what has been written so far; `tryLock()` takes the real lock. Numbers
 * drawn from a sequence are given back too, so rows made by hand meanwhile wait for the end. Returns what `work` does,
 * throws what it throws.
 */
export async function rehearse<Result>(
  database: Database,
  work: (rehearsal: Database) => Promise<Result>,
): Promise<Result> {
  // From inside the transaction the real database would refuse it.
  const tryLock = AsyncResource.bind((key: number) => database.tryLock(key));
  const undone = new Undone();
  let done: { result: Result } | undefined;
  try {
    await database.transaction(async (transaction) => {
      // Nothing is sent while Pipedrive is being read, and a server may be set to end such a session.
      await transaction.query(neverEnding);
      await undoSequences(transaction);
      const rehearsal = new Rehearsal(database, transaction, tryLock);
      try {
        done = { result: await work(rehearsal) };
      } finally {
        await rehearsal.close();
      }
      throw undone;
    });
  } catch (error) {
    if (error !== undone || done === undefined) throw error;
  }
  return done!.result;
}

/**
 * Makes the numbers that are drawn from now on part of the transaction. They usually are not: only a restarted
 * sequence goes back with it (Postgres manual, ALTER SEQUENCE, Notes). One that another user owns stays as it is.
 */
async function undoSequences(transaction: Transaction): Promise<void> {
  const sequences = await transaction.query<{ schema: string; name: string }>(
    `select n.nspname as schema, c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where c.relkind = 'S' and n.nspname in ('pipedrive', 'planhat', 'connector') and pg_has_role(c.relowner, 'usage')
     order by 1, 2`,
  );
  for (const { schema, name } of sequences) {
    const sequence = `${identifier(schema)}.${identifier(name)}`;
    const [next] = await transaction.query<{ value: string }>(
      `select case when is_called then last_value + 1 else last_value end as value from ${sequence}`,
    );
    await transaction.query(`alter sequence ${sequence} restart with ${BigInt(next!.value)}`);
  }
}

/** A database that is one transaction on another. */
class Rehearsal implements Database {
  readonly kind: Database["kind"];
  readonly location: string;
  readonly rehearsal = true;
  readonly pooled: boolean;
  readonly tryLock: Database["tryLock"];
  readonly #transaction: Transaction;
  readonly #current = new CurrentTransaction();
  /** Settles when the last caller in the queue is done; never rejects. */
  #last: Promise<unknown> = Promise.resolve();
  #closed = false;

  constructor({ kind, location, pooled }: Database, transaction: Transaction, tryLock: Database["tryLock"]) {
    this.kind = kind;
    this.location = location;
    this.pooled = pooled;
    this.#transaction = transaction;
    this.tryLock = tryLock;
  }

  async query<Row extends object = Record<string, unknown>>(
    sql: string,
    parameters: readonly unknown[] = [],
  ): Promise<Row[]> {
    return this.transaction((transaction) => transaction.query<Row>(sql, parameters));
  }

  async transaction<Result>(work: (transaction: Transaction) => Promise<Result>): Promise<Result> {
    if (this.#closed) throw new Error("The rehearsal has ended.");
    this.#current.refuseInside();
    // Two savepoints at once would each roll back a part of the other.
    const turn = this.#last.then(() => this.#inSavepoint(work));
    this.#last = turn.catch(() => undefined);
    return turn;
  }

  async shareConnections(): Promise<void> {}

  async refuseReadOnly(): Promise<void> {}

  /** Waits for those who are in the queue, and takes nobody any more. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#last;
  }

  async #inSavepoint<Result>(work: (transaction: Transaction) => Promise<Result>): Promise<Result> {
    const scope: TransactionScope = { open: true, failure: undefined };
    await this.#transaction.query("savepoint rehearsed");
    try {
      const result = await this.#current.run(scope, () => work(withinScope(this.#transaction, scope)));
      // As in a real transaction: one statement that failed has undone all of it.
      if (scope.failure !== undefined) throw scope.failure.error;
      await this.#transaction.query("release savepoint rehearsed");
      return result;
    } catch (error) {
      // Where the connection is gone, what broke it is worth more than what follows from it.
      await this.#transaction
        .query("rollback to savepoint rehearsed; release savepoint rehearsed")
        .catch(() => undefined);
      throw error;
    } finally {
      scope.open = false;
    }
  }
}
