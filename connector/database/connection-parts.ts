import type { Client } from "pg";
import type { Failure } from "../failure.ts";
import type { Database } from "./database.ts";

/** What differs between the server and the embedded database. */
export interface ConnectionParts {
  kind: Database["kind"];
  location: string;
  /** What `pg` connects with; its type parsers are set here. */
  connection: Record<string, unknown>;
  /** How many connections may be open at once. */
  connections: number;
  /** Sends the chunks as the input of a `copy … from stdin` statement on the given connection. */
  copyIn(connection: Client, statement: string, chunks: Iterable<string | Buffer>): Promise<void>;
  /** Runs on every new connection, after its settings are made. */
  greet?(connection: Client): Promise<void>;
  /**
   * There is a pooler between us and the server, which may give each transaction another session: what a session
   * remembers is no one's. Its settings are made by this statement, which begins every transaction.
   */
  beginPooled?: string;
  /** What an error means to people, where it is not a defect of ours; the error itself otherwise. */
  explain(error: unknown): unknown;
  /**
   * Ends the statement at work in the session of this number, or where there is one session only, all of it. It never
   * throws: where nothing can be done, the end of the connection ends the statement.
   */
  interrupt(session: number): Promise<void>;
  /** Why nothing can be written there; undefined where it can. */
  readOnly?: Failure;
  /** Runs after the connections are closed. */
  afterClose?(): Promise<void>;
}
