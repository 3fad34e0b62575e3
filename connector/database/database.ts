import type { ModelName, ParentModel } from "../model-name.ts";
import type { StoredRow } from "./row.ts";

/** Rows as they would stand if decided and unwritten changes were written. */
export interface DecidedRows {
  /** Adds the rows of a model that would be there to the row ids of those that are, by source id. */
  rowIds(model: ParentModel, sourceIds: readonly string[], rowIds: Map<string, string>): Map<string, string>;
  /** Returns the company's row id for each given person whose end user was decided, by person id. */
  companiesOfEndusers(personIds: readonly number[]): Map<number, string>;
  /** Returns the rows as they would stand, including those that would be created. */
  rows(model: ModelName, sourceIds: readonly string[], rows: StoredRow[]): StoredRow[];
}

/** A target for SQL: a database, or a transaction on it. */
export interface Queryable {
  /** Decided writes that are not stored, for readers of rows; absent if everything is written. */
  readonly asIf?: DecidedRows;
  /**
   * Runs one statement with `$1`-style parameters and returns its rows. int8 and numeric come as strings, json and
   * jsonb parsed, timestamptz and date as text. Ids are passed as numbers or strings, never as BigInt (PGlite).
   */
  query<Row extends object = Record<string, unknown>>(sql: string, parameters?: readonly unknown[]): Promise<Row[]>;
}

/** An open transaction. */
export interface Transaction extends Queryable {
  /** Runs `copy … from stdin` (text format) with the given text (UTF-8); chunks may end anywhere. */
  copyIn(statement: string, chunks: Iterable<string | Buffer>): Promise<void>;
}

/** The hub, opened for reading. */
export interface Session extends Queryable {
  /** The folder, or the URL without its password: safe to print. */
  readonly location: string;
  /** Closes every connection; after it the process may end immediately. */
  close(): Promise<void>;
}

/** The hub: a Postgres server, or the embedded Postgres in a folder. */
export interface Database extends Session {
  readonly kind: "embedded" | "server";
  /**
   * True if everything is rolled back in the end (`rehearse`). Nothing may then be done that a rollback cannot undo:
   * VACUUM, or a request that changes something in Pipedrive or Planhat.
   */
  readonly rehearsal: boolean;
  /** Runs `work` in a transaction: commits when it returns; rolls back and throws its error when it throws. */
  transaction<Result>(work: (transaction: Transaction) => Promise<Result>): Promise<Result>;
  /** True for a server behind a pooler: no session belongs to this process alone. */
  readonly pooled: boolean;
  /** Throws a Failure if the database cannot be written: a read replica, or a server set to read-only for this user. */
  refuseReadOnly(): Promise<void>;
  /**
   * Checks that a server gives `needed` connections together, then leaves the last of them to another part of this
   * process. Throws a Failure with the number that is missing.
   */
  shareConnections(needed: number): Promise<void>;
  /**
   * Takes a lock and returns the function that releases it; undefined if another session holds it. The lock ends with
   * the process at the latest.
   * - Server: an advisory lock of a session that does nothing else.
   * - Behind a pooler: an advisory lock of an open transaction.
   * - Embedded database: a lock among the callers of this process; the folder's lock keeps other processes out.
   */
  tryLock(key: number): Promise<(() => Promise<void>) | undefined>;
}

/** The options of opening a database. */
export interface OpenOptions {
  /** Ends the wait when it is aborted. */
  signal?: AbortSignal;
  /** Seconds to wait for an embedded database that another process has open; 0 by default. */
  waitSeconds?: number;
}
