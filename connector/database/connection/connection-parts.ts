import type { Client } from "pg";
import type { Failure } from "../../failure.ts";
import type { Database } from "../database.ts";

/** The parts of a connection that differ between the server and the embedded database. */
export interface ConnectionParts {
  kind: Database["kind"];
  location: string;
  /** The `pg` connection options, including type parsers. */
  connection: Record<string, unknown>;
  /** The maximum number of open connections. */
  connections: number;
  /** Sends the chunks as the input of a `copy … from stdin` statement on the given connection. */
  copyIn(connection: Client, statement: string, chunks: Iterable<string | Buffer>): Promise<void>;
  /** Called on every new connection after its settings are applied. */
  greet?(connection: Client): Promise<void>;
  /**
   * The statement that begins every transaction and applies its settings. Set behind a pooler, which may give each
   * transaction another session, so that no session keeps a setting.
   */
  beginPooled?: string;
  /** Turns a known error into a `Failure`; returns any other error unchanged. */
  explain(error: unknown): unknown;
  /**
   * Ends the running statement of the session with this number; with a single session, of the whole database. Never
   * throws: if it fails, closing the connection ends the statement.
   */
  interrupt(session: number): Promise<void>;
  /** The reason why the database cannot be written; undefined if it can. */
  readOnly?: Failure;
  /** Called after the connections are closed. */
  afterClose?(): Promise<void>;
}
