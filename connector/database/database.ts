import type { AsIfRows } from "./as-if-rows.ts";

/** Something SQL can be sent to: a database, or a transaction on it. */
export interface Queryable {
  /** What was decided about rows and is not written, for those who read rows; absent where everything is written. */
  readonly asIf?: AsIfRows;
  /**
   * Runs one statement with `$1`-style parameters and returns its rows. int8 and numeric come as strings, json and
   * jsonb parsed, timestamptz and date as text. Ids are passed as numbers or strings, never as BigInt (PGlite).
   */
  query<Row extends object = Record<string, unknown>>(sql: string, parameters?: readonly unknown[]): Promise<Row[]>;
}

/** An open transaction. */
export interface Transaction extends Queryable {
  /** Runs `copy … from stdin` (text format) with the given text (UTF-8), whatever its chunks. */
  copyIn(statement: string, chunks: Iterable<string | Buffer>): Promise<void>;
}

/** The hub, opened for reading only. */
export interface Session extends Queryable {
  /** The folder, or the URL without its password: what may be shown to people. */
  readonly location: string;
  /** Closes every connection; the process may end at once afterwards. */
  close(): Promise<void>;
}

/** The hub: a Postgres server, or the embedded Postgres in a folder. */
export interface Database extends Session {
  readonly kind: "embedded" | "server";
  /**
   * True where everything is undone in the end (`rehearse`). What a rollback cannot undo must not be done on it:
   * VACUUM, or a request that changes something in Pipedrive or Planhat.
   */
  readonly rehearsal: boolean;
  /** Runs `work` in a transaction: committed when it returns, rolled back when it throws (and thrown on). */
  transaction<Result>(work: (transaction: Transaction) => Promise<Result>): Promise<Result>;
  /** True for a server behind a pooler: no session is this process's own. */
  readonly pooled: boolean;
  /** Throws a Failure where nothing can be written: on a read replica, or where the server is set so for this user. */
  refuseReadOnly(): Promise<void>;
  /**
   * Makes sure that a server gives so many connections at once, and leaves the last of them to another part of this
   * process from now on. Throws a Failure with the number that is missing.
   */
  shareConnections(needed: number): Promise<void>;
  /**
   * Takes a lock that lasts until it is released or the process ends: on a server an advisory lock of a session that
   * does nothing else, behind a pooler one of an open transaction, in the embedded database one among the callers of
   * this process (the folder's lock keeps other processes out). Returns what releases it, or undefined when another
   * holds it.
   */
  tryLock(key: number): Promise<(() => Promise<void>) | undefined>;
}
