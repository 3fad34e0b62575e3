/** Something SQL can be sent to: a database, or a transaction on it. */
export interface Queryable {
  /**
   * Runs one statement with `$1`-style parameters and returns its rows. int8 and numeric come as strings, json and
   * jsonb parsed, timestamptz and date as text. Ids are passed as numbers or strings, never as BigInt (PGlite).
   */
  query<Row extends object = Record<string, unknown>>(sql: string, parameters?: readonly unknown[]): Promise<Row[]>;
}

/** An open transaction. */
export interface Transaction extends Queryable {
  /** Runs `copy … from stdin` (text format) with the given text, whatever its chunks. */
  copyIn(statement: string, chunks: Iterable<string>): Promise<void>;
}

/** The hub: a Postgres server, or the embedded Postgres in a folder. */
export interface Database extends Queryable {
  readonly kind: "embedded" | "server";
  /** The folder, or the URL without its password: what may be shown to people. */
  readonly location: string;
  /** Runs `work` in a transaction: committed when it returns, rolled back when it throws (and thrown on). */
  transaction<Result>(work: (transaction: Transaction) => Promise<Result>): Promise<Result>;
  close(): Promise<void>;
}
