import pg from "pg";
import { EmbeddedPostgres } from "../../connector/database/embedded/embedded-postgres.ts";

/** Possible faults of a statement: the database answers with an error of this SQLSTATE, or is cut off from it on. */
export type EmbeddedFault = { error: string; message: string } | "cut off";

/** Causes the requested faults of statements. */
export interface MisbehavingStatements {
  /** Restarts the numbering of statements from 1, and causes the faults that `how` returns. */
  disturb(how: (ordinal: number, sql: string) => EmbeddedFault | undefined): void;
  /** Returns the number of statements since `disturb` or `behave`. */
  statements(): number;
  behave(): void;
  /** Removes the wrapper. */
  restore(): void;
}

type Callback = (error: Error) => void;

/**
 * Wraps the embedded database's client in this process. "Cut off" leaves the state of a SIGKILL between two statements:
 * nothing reaches the database any longer, and it ends without being closed.
 */
export function misbehavingStatements(): MisbehavingStatements {
  const { query } = pg.Client.prototype;
  const { close, kill } = EmbeddedPostgres.prototype;
  let ordinal = 0;
  let isCutOff = false;
  let how: (ordinal: number, sql: string) => EmbeddedFault | undefined = () => undefined;

  function disturbed(this: pg.Client, statement: unknown, ...rest: unknown[]): unknown {
    const sql = typeof statement === "string" ? statement : (statement as { text?: string }).text;
    const chosen = sql === undefined ? undefined : how(++ordinal, sql);
    // Postgres always rolls back, even if it cannot commit: only an error instead of a rollback would leave a
    // transaction open that Postgres never leaves open.
    const fault = chosen !== "cut off" && /^rollback/i.test(sql ?? "") ? undefined : chosen;
    if (fault === "cut off") {
      isCutOff = true;
      EmbeddedPostgres.prototype.close = kill;
    }
    const call = query as (...parameters: unknown[]) => unknown;
    if (isCutOff) {
      const error = new Error("cut off");
      const callback = rest.find((one) => typeof one === "function") as Callback | undefined;
      return callback === undefined ? Promise.reject(error) : void callback(error);
    }
    if (fault === undefined || fault === "cut off") return call.call(this, statement, ...rest);
    const before = /^commit/i.test(sql ?? "") ? "rollback; " : "";
    const raising = `${before}do $fault$ begin raise exception using errcode = '${fault.error}', message = '${fault.message}'; end $fault$`;
    const instead = typeof statement === "string" ? raising : { ...(statement as object), text: raising, values: [] };
    return call.call(this, instead, ...rest.filter((one) => !Array.isArray(one)));
  }

  const behave = () => {
    ordinal = 0;
    isCutOff = false;
    how = () => undefined;
    EmbeddedPostgres.prototype.close = close;
  };
  pg.Client.prototype.query = disturbed as typeof query;
  return {
    disturb(disturbance) {
      behave();
      how = disturbance;
    },
    statements: () => ordinal,
    behave,
    restore() {
      behave();
      pg.Client.prototype.query = query;
    },
  };
}
