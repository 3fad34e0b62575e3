import { identifier } from "../bulk/model-columns.ts";
import { neverEnding } from "../connection/server-locks.ts";
import { CurrentTransaction, type TransactionScope, withinScope } from "../connection/transaction-scope.ts";
import type { Database, Transaction } from "../database.ts";

/** The error that rolls the rehearsal's transaction back. */
class Undone extends Error {
  override readonly name = "Undone";
}

/** A database that accepts every write and rolls it back, unless `keep` is called. */
export interface Rehearsal extends Database {
  /**
   * Commits the work done so far; from then on this is the database itself, no longer a rehearsal. Throws if the commit
   * fails; then nothing is kept.
   */
  keep(): Promise<void>;
  /** Runs `work` and rolls back only what it wrote. No other caller may use the rehearsal until it is done. */
  undo<Result>(work: () => Promise<Result>): Promise<Result>;
}

/**
 * Runs `work` in a transaction on the given database and rolls it back when `work` ends, unless it has called `keep`.
 * Returns the result of `work`, or throws its error.
 * - `transaction()` is a savepoint, and `query()` uses the same connection, one caller after the other. So reads see
 *   all writes so far.
 * - `tryLock()` takes the real lock.
 * - Numbers drawn from sequences are given back too, so rows created by hand wait until the end.
 */
export async function rehearse<Result>(
  database: Database,
  work: (rehearsal: Rehearsal) => Promise<Result>,
): Promise<Result> {
  const undone = new Undone();
  let begin: (transaction: Transaction) => void;
  const begun = new Promise<Transaction>((resolve) => {
    begin = resolve;
  });
  let end: (isKept: boolean) => void;
  const decided = new Promise<boolean>((resolve) => {
    end = resolve;
  });
  const ended = database.transaction(async (transaction) => {
    // The transaction idles while Pipedrive is read, and a server may be set to end such a session.
    await transaction.query(neverEnding);
    await undoSequences(transaction);
    begin(transaction);
    if (!(await decided)) throw undone;
  });
  ended.catch(() => undefined);
  // The work runs outside that callback: after `keep` it continues, while the callback ends.
  const transaction = (await Promise.race([begun, ended])) as Transaction;
  const commit = () => {
    end(true);
    return ended;
  };
  const rehearsal = new OneTransaction(database, transaction, commit);
  let done: { result: Result } | undefined;
  try {
    done = { result: await work(rehearsal) };
  } finally {
    await rehearsal.close();
    end!(false);
    await ended.catch((error: unknown) => {
      // The error of the work matters more than errors that follow from it.
      if (error !== undone && done !== undefined && rehearsal.rehearsal) throw error;
    });
  }
  return done.result;
}

/**
 * Makes numbers drawn from now on part of the transaction. Normally they are not: only a restarted sequence is rolled
 * back (Postgres manual, ALTER SEQUENCE, Notes). A sequence that another user owns stays unchanged.
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

/** A database that is one transaction on another, until it is committed. */
class OneTransaction implements Rehearsal {
  readonly kind: Database["kind"];
  readonly location: string;
  readonly pooled: boolean;
  readonly tryLock: Database["tryLock"];
  readonly #database: Database;
  readonly #transaction: Transaction;
  readonly #commit: () => Promise<void>;
  readonly #current = new CurrentTransaction();
  /** Resolves when the last caller in the queue is done; never rejects. */
  #last: Promise<unknown> = Promise.resolve();
  #closed = false;
  #kept = false;

  constructor(database: Database, transaction: Transaction, commit: () => Promise<void>) {
    const { kind, location, pooled } = database;
    this.kind = kind;
    this.location = location;
    this.pooled = pooled;
    this.tryLock = (key) => database.tryLock(key);
    this.#database = database;
    this.#transaction = transaction;
    this.#commit = commit;
  }

  get rehearsal(): boolean {
    return !this.#kept;
  }

  async query<Row extends object = Record<string, unknown>>(
    sql: string,
    parameters: readonly unknown[] = [],
  ): Promise<Row[]> {
    if (this.#kept) return this.#database.query<Row>(sql, parameters);
    return this.transaction((transaction) => transaction.query<Row>(sql, parameters));
  }

  async transaction<Result>(work: (transaction: Transaction) => Promise<Result>): Promise<Result> {
    if (this.#kept) return this.#database.transaction(work);
    if (this.#closed) throw new Error("The rehearsal has ended.");
    this.#current.refuseInside();
    // Two concurrent savepoints would each roll back a part of the other.
    const turn = this.#last.then(() => this.#inSavepoint(work));
    this.#last = turn.catch(() => undefined);
    return turn;
  }

  async shareConnections(needed: number): Promise<void> {
    if (this.#kept) await this.#database.shareConnections(needed);
  }

  async refuseReadOnly(): Promise<void> {}

  async keep(): Promise<void> {
    if (this.#kept) return;
    await this.#last;
    await this.#commit();
    this.#kept = true;
  }

  async undo<Result>(work: () => Promise<Result>): Promise<Result> {
    await this.#last;
    await this.#transaction.query("savepoint undone");
    const back = async () => {
      await this.#last;
      await this.#transaction.query("rollback to savepoint undone; release savepoint undone");
    };
    try {
      const result = await work();
      await back();
      return result;
    } catch (error) {
      await back().catch(() => undefined);
      throw error;
    }
  }

  /** Waits for the callers in the queue and accepts no more. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#last;
  }

  async #inSavepoint<Result>(work: (transaction: Transaction) => Promise<Result>): Promise<Result> {
    const scope: TransactionScope = { open: true, failure: undefined };
    await this.#transaction.query("savepoint rehearsed");
    try {
      const result = await this.#current.run(scope, () => work(withinScope(this.#transaction, scope)));
      // As in a real transaction: one failed statement undoes all of it.
      if (scope.failure !== undefined) throw scope.failure.error;
      await this.#transaction.query("release savepoint rehearsed");
      return result;
    } catch (error) {
      // If the connection is gone, the original error matters more than this one.
      await this.#transaction
        .query("rollback to savepoint rehearsed; release savepoint rehearsed")
        .catch(() => undefined);
      throw error;
    } finally {
      scope.open = false;
    }
  }
}
