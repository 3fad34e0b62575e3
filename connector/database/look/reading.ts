import type { Client, CustomTypesConfig, QueryArrayResult } from "pg";
import { Failure } from "../../failure.ts";
import type { ConnectionParts } from "../connection/connection-parts.ts";
import { localSettings } from "../connection/session.ts";
import { refuseActing, volatileAmong } from "./acting-functions.ts";
import { type ReadableStatement, readableStatement } from "./readable-statement.ts";
import { isStatementError, statementFailure } from "./statement-failure.ts";

/** A column of a statement's result. */
export interface Column {
  name: string;
  /** The object id of its type (pg_type). */
  type: number;
}

/** A row's values as the text that Postgres sends; null is NULL. */
export type TextRow = readonly (string | null)[];

/** The result of a statement, read in batches on demand. */
export interface Rows {
  columns: readonly Column[];
  pieces: AsyncIterable<readonly TextRow[]>;
}

/** The database as it stood at one moment. */
export interface Snapshot {
  /** Runs one statement within `limit` ms of work; Infinity is no limit. Throws a Failure. */
  rows(sql: string, limit?: number): Promise<Rows>;
}

/**
 * Nothing in such a transaction can write, and no statement can lift that. It sees one moment. For a cursor Postgres
 * would choose a plan that gives the first rows soon, but all rows are wanted here. Backslashes are read as `sqlTokens`
 * reads them.
 */
const begin = `begin transaction isolation level repeatable read, read only; ${localSettings}
  set local standard_conforming_strings to on; set local cursor_tuple_fraction to 1; set local bytea_output to hex`;

/** A superuser reads with a role that may only read; rows that a policy would hide from that role cause an error. */
const asReader = "set local role pg_read_all_data; set local row_security to off";

/** Type parsers that leave values as text. */
const types: CustomTypesConfig = { getTypeParser: () => (text: unknown) => text } as CustomTypesConfig;

/** Rows of the first batch and at most per batch; in between, as many as fill about `pieceLength` characters. */
const firstPiece = 100;
const largestPiece = 10_000;
const pieceLength = 1_000_000;

/** The longest delay (ms) that setTimeout accepts. */
const longestTimer = 2_147_483_647;

/** A connection that executes the user's reading statements and nothing else. */
export class Reading {
  /** The folder, or the URL without its password. */
  readonly location: string;
  readonly #parts: ConnectionParts;
  readonly #client: Client;
  readonly #signal: AbortSignal | undefined;
  #session = 0;
  #cursors = 0;

  constructor(parts: ConnectionParts, client: Client, signal: AbortSignal | undefined) {
    this.location = parts.location;
    this.#parts = parts;
    this.#client = client;
    this.#signal = signal;
  }

  /** Returns whether a sync has created its tables. It reads the catalog, which every user may read. */
  async hasHub(): Promise<boolean> {
    const { rows } = await this.#explained(() =>
      this.#client.query("select 1 from pg_catalog.pg_namespace where nspname = 'planhat'"),
    );
    return rows.length > 0;
  }

  /** Runs `work` on the database as it stands now, and rolls everything back. */
  async snapshot<Result>(work: (snapshot: Snapshot) => Promise<Result>): Promise<Result> {
    try {
      await this.#explained(async () => {
        // Before the transaction: a failure in it would end the transaction.
        await this.#parts.greet?.(this.#client);
        await this.#client.query(begin);
        const { rows } = await this.#client.query<{ session: number; superuser: boolean }>(
          `select pg_catalog.pg_backend_pid() as session, rolsuper as superuser
           from pg_catalog.pg_roles where rolname = current_user`,
        );
        this.#session = rows[0]?.session ?? 0;
        if (rows[0]?.superuser) await this.#client.query(asReader);
      });
      return await work({ rows: (sql, limit = Number.POSITIVE_INFINITY) => this.#rows(sql, limit) });
    } finally {
      await this.#client.query("rollback").catch(() => undefined);
    }
  }

  async close(): Promise<void> {
    try {
      await this.#client.end();
    } finally {
      await this.#parts.afterClose?.();
    }
  }

  async #rows(sql: string, limit: number): Promise<Rows> {
    const statement = readableStatement(sql);
    const found = await this.#explained(() =>
      this.#client.query<{ name: string }>(volatileAmong, [statement.words as string[]]),
    );
    refuseActing(found.rows.map(({ name }) => name));
    const clock = { left: limit, limit };
    if (!statement.rows) {
      const { fields, rows } = await this.#ask(statement, "", sql, clock);
      return { columns: columnsOf(fields), pieces: once(rows) };
    }
    const name = `look_${++this.#cursors}`;
    await this.#ask(statement, `declare ${name} no scroll cursor for\n`, sql, clock);
    // The user's statement uses Postgres's extended protocol, which accepts only one statement; FETCH is the
    // connector's own.
    const first = await this.#fetch(statement, name, firstPiece, clock);
    return { columns: columnsOf(first.fields), pieces: this.#pieces(statement, name, first.rows, clock) };
  }

  async *#pieces(
    statement: ReadableStatement,
    name: string,
    first: TextRow[],
    clock: Clock,
  ): AsyncGenerator<readonly TextRow[], void> {
    let rows = first;
    let asked = firstPiece;
    for (;;) {
      if (rows.length > 0) yield rows;
      if (rows.length < asked) break;
      asked = Math.min(Math.max(Math.floor((pieceLength * rows.length) / lengthOf(rows)), 1), largestPiece);
      rows = (await this.#fetch(statement, name, asked, clock)).rows;
    }
    await this.#client.query(`close ${name}`);
  }

  #fetch(statement: ReadableStatement, name: string, count: number, clock: Clock): Promise<TextResult> {
    return this.#ask(statement, undefined, `fetch forward ${count} from ${name}`, clock);
  }

  /**
   * Sends the user's statement behind a prefix, or without a prefix one of the connector's own. Ends it on a time-out
   * or when the caller aborts.
   */
  async #ask({ sql }: ReadableStatement, prefix: string | undefined, text: string, clock: Clock): Promise<TextResult> {
    this.#signal?.throwIfAborted();
    const began = Date.now();
    let ended: unknown;
    let ending: Promise<void> | undefined;
    const end = (reason: unknown) => {
      ended ??= reason;
      ending ??= this.#parts.interrupt(this.#session).then(() => this.#disconnectSoon());
    };
    const abort = () => end(this.#signal?.reason);
    this.#signal?.addEventListener("abort", abort);
    const timer =
      clock.left > longestTimer ? undefined : setTimeout(() => end(tooLong(clock.limit)), Math.max(clock.left, 0));
    try {
      const query = { text: `${prefix ?? ""}${text}`, rowMode: "array", types };
      const config = prefix === undefined ? query : { ...query, queryMode: "extended" };
      const result = (await this.#client.query(config as never)) as unknown as TextResult;
      if (ended !== undefined) throw ended;
      return result;
    } catch (error) {
      if (ended !== undefined) throw ended;
      throw this.#failure(error, sql, prefix?.length ?? Number.POSITIVE_INFINITY);
    } finally {
      clearTimeout(timer);
      this.#signal?.removeEventListener("abort", abort);
      clock.left -= Date.now() - began;
      await ending;
    }
  }

  /** Closes the connection: a server that could not be asked to end a statement notices that its client is gone. */
  #disconnectSoon(): void {
    const { stream } = (this.#client as unknown as { connection: { stream: { destroy(): void } } }).connection;
    setTimeout(() => stream.destroy(), 1000).unref();
  }

  #failure(error: unknown, sql: string, before: number): unknown {
    if (isStatementError(error) && error.code === "57014") {
      return new Failure("run", `The server ended the statement (${error.message}).`, {
        hint: "It limits how long a statement may take (statement_timeout).",
      });
    }
    if (isStatementError(error) && ["25006", "08P01"].includes(error.code)) return statementFailure(error, sql, before);
    const explained = this.#parts.explain(error);
    return explained === error && isStatementError(error) ? statementFailure(error, sql, before) : explained;
  }

  async #explained<Result>(work: () => Promise<Result>): Promise<Result> {
    try {
      return await work();
    } catch (error) {
      throw this.#parts.explain(error);
    }
  }
}

type TextResult = QueryArrayResult<(string | null)[]>;

/** The remaining and total time (ms) of a statement. Time that its reader spends does not count. */
interface Clock {
  left: number;
  limit: number;
}

function tooLong(limit: number): Failure {
  return new Failure("run", `The statement took longer than ${limit / 1000} s and was stopped.`, {
    hint: "Read fewer rows, or allow more time: --timeout <seconds>, 0 for no limit.",
    remedy: "change",
  });
}

function columnsOf(fields: TextResult["fields"]): Column[] {
  return fields.map(({ name, dataTypeID }) => ({ name, type: dataTypeID }));
}

function lengthOf(rows: readonly TextRow[]): number {
  let length = 1;
  for (const row of rows) for (const value of row) length += 4 + (value?.length ?? 0);
  return length;
}

async function* once<Piece extends readonly unknown[]>(piece: Piece): AsyncGenerator<Piece, void> {
  if (piece.length > 0) yield piece;
}
