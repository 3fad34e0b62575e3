/** What the thread of the embedded Postgres is started with. */
export interface PostgresPlace {
  /** The folder that Postgres owns. */
  data: string;
  /** Postgres's settings, as its command line takes them: `name=value`. */
  settings: readonly string[];
}

/** What the main thread tells the thread of the embedded Postgres; it is done in this order, one after the other. */
export type ToPostgres =
  /** Messages of Postgres's protocol, carried out at once: a statement. */
  | { kind: "statement"; bytes: Uint8Array }
  /** A piece of what the next statement reads as COPY's input. */
  | { kind: "copy input"; bytes: Uint8Array }
  | { kind: "close" };

/** What that thread tells the main one. */
export type FromPostgres =
  | { kind: "started" }
  /** A part of the answer to the statement at work, in Postgres's protocol. */
  | { kind: "answer"; bytes: Uint8Array }
  /** The statement is done; its whole answer has been told. */
  | { kind: "done" }
  /** The start, the statement at work, or closing failed. */
  | { kind: "failed"; failure: SentError }
  | { kind: "closed" };

/** An error as it travels from one thread to another, which would lose its class and its code. */
export interface SentError {
  message: string;
  code: string | undefined;
  /** It was a DeadPostgres. */
  dead: boolean;
}
