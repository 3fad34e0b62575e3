import pg from "pg";
import { EmbeddedPostgres } from "../../connector/database/embedded/embedded-postgres.ts";

/** What may happen to a statement: the database answers with an error of this SQLSTATE, or is cut off from it on. */
export type EmbeddedFault = { error: string; message: string } | "cut off";

/** Does with statements what it is told. */
export interface MisbehavingStatements {
  /** Numbers statements from 1 again and does with them what `how` says. */
  disturb(how: (ordinal: number, sql: string) => EmbeddedFault | undefined): void;
  /** Statements since `disturb` or `behave`. */
  statements(): number;
  behave(): void;
  /** Ends all meddling. */
  restore(): void;
}

type Callback = (error: Error) => void;

/**
 * Stands between the connector and the embedded database, in this process. "Cut off" is what a SIGKILL between two
 * statements leaves: nothing reaches the database any more, and it ends without being closed.
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
    // Postgres always rolls back, and does so too where it cannot commit: an error alone in place of these would leave a
    // transaction open that it never leaves open.
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
