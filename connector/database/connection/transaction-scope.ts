import { AsyncLocalStorage } from "node:async_hooks";
import type { Transaction } from "../database.ts";

/** A transaction in progress, and its first failure. */
export interface TransactionScope {
  open: boolean;
  failure: { error: unknown } | undefined;
}

/** The transaction of a database in which the running code is. */
export class CurrentTransaction {
  readonly #scopes = new AsyncLocalStorage<TransactionScope>();

  /** Runs `work` inside a transaction. */
  run<Result>(scope: TransactionScope, work: () => Promise<Result>): Promise<Result> {
    return this.#scopes.run(scope, work);
  }

  /** Throws inside an open transaction: a statement outside it would wait for its connection forever. */
  refuseInside(): void {
    if (this.#scopes.getStore()?.open !== true) return;
    throw new Error("A statement was sent to the database from inside a transaction on it: send it to that one.");
  }
}

/** Wraps a transaction for its work: it ends with the scope and records its first failure there. */
export function withinScope(transaction: Transaction, scope: TransactionScope): Transaction {
  const attempt = async <Result>(send: () => Promise<Result>): Promise<Result> => {
    if (!scope.open) throw new Error("A statement was sent to a transaction that has ended.");
    try {
      return await send();
    } catch (error) {
      scope.failure ??= { error };
      throw error;
    }
  };
  return {
    query: (sql, parameters) => attempt(() => transaction.query(sql, parameters)),
    copyIn: (statement, chunks) => attempt(() => transaction.copyIn(statement, chunks)),
  };
}
