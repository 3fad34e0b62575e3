import { AsyncLocalStorage } from "node:async_hooks";
import type { Transaction } from "./database.ts";

/** A transaction while its work runs, and what went wrong in it first. */
export interface TransactionScope {
  open: boolean;
  failure: { error: unknown } | undefined;
}

/** Which transaction of a database the running code is in. */
export class CurrentTransaction {
  readonly #scopes = new AsyncLocalStorage<TransactionScope>();

  /** Runs `work` as the inside of a transaction. */
  run<Result>(scope: TransactionScope, work: () => Promise<Result>): Promise<Result> {
    return this.#scopes.run(scope, work);
  }

  /** Throws inside an open one: a statement beside it would wait for its connection for ever. */
  refuseInside(): void {
    if (this.#scopes.getStore()?.open !== true) return;
    throw new Error("A statement was sent to the database from inside a transaction on it: send it to that one.");
  }
}

/** The given transaction as its work sees it: it ends with the scope, whose first failure is kept. */
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
