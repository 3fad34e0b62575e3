/** The start data of the embedded Postgres's thread. */
export interface PostgresPlace {
  /** The folder that Postgres owns. */
  data: string;
  /** Postgres's settings in the form of its command line: `name=value`. */
  settings: readonly string[];
}

/** Messages from the main thread to the thread of the embedded Postgres, which executes them in order. */
export type ToPostgres =
  /** Protocol messages of one statement, to be executed immediately. */
  | { kind: "statement"; bytes: Uint8Array }
  /** A chunk of the COPY input of the next statement. */
  | { kind: "copy input"; bytes: Uint8Array }
  | { kind: "close" };

/** Messages from the thread of the embedded Postgres to the main thread. */
export type FromPostgres =
  | { kind: "started" }
  /** A part of the running statement's answer, in Postgres's protocol. */
  | { kind: "answer"; bytes: Uint8Array }
  /** The statement is done, and its whole answer has been sent. */
  | { kind: "done" }
  /** The start, the running statement, or closing failed. */
  | { kind: "failed"; failure: SentError }
  | { kind: "closed" };

/** An error in transit between threads, which would drop its class and code. */
export interface SentError {
  message: string;
  code: string | undefined;
  /** True for a DeadPostgres. */
  dead: boolean;
}
