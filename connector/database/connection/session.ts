import type { Client } from "pg";
import type { Session } from "../database.ts";
import type { ConnectionParts } from "./connection-parts.ts";

/**
 * Settings of every session: all texts to and from the database use these forms. jit costs more than it gives on
 * statements of this size.
 */
const settings = ["time zone 'UTC'", "datestyle to 'ISO, YMD'", "intervalstyle to 'iso_8601'", "jit to off"];
export const sessionSettings = settings.map((setting) => `set ${setting};`).join(" ");

/** The settings for one transaction. */
export const localSettings = settings.map((setting) => `set local ${setting};`).join(" ");

/** SQL that begins a transaction with the settings. */
export const beginWithSettings = `begin; ${localSettings}`;

/** Runs SQL and returns its rows; for several statements in one text, those of the last. */
export async function rowsOf<Row extends object>(
  connection: Client,
  sql: string,
  parameters: readonly unknown[],
): Promise<Row[]> {
  const result = await connection.query<Row>({ text: sql, values: parameters.map(parameterText) });
  return Array.isArray(result) ? ((result.at(-1) as { rows: Row[] } | undefined)?.rows ?? []) : result.rows;
}

/**
 * Returns an array of numbers as the text of a Postgres array: `pg` is several times slower, because it checks each
 * element for characters to escape.
 */
function parameterText(parameter: unknown): unknown {
  return Array.isArray(parameter) && parameter.every((element) => typeof element === "number")
    ? `{${parameter.join(",")}}`
    : parameter;
}

/** Runs `work` in a transaction that `begin` starts: commits when it returns, rolls back when it throws. */
export async function inTransaction<Result>(
  connection: Client,
  begin: string,
  work: () => Promise<Result>,
): Promise<Result> {
  try {
    await connection.query(begin);
    const result = await work();
    await connection.query("commit");
    return result;
  } catch (error) {
    // Fails if the connection is gone, which rolls back too.
    await connection.query("rollback").catch(() => undefined);
    throw error;
  }
}

/**
 * Opens a session on one connection. The pool and the transactions of a run take longer to load than reading one record
 * takes.
 */
export async function openSession(parts: ConnectionParts, client: Client): Promise<Session> {
  try {
    if (parts.beginPooled === undefined) await client.query(sessionSettings);
    await parts.greet?.(client);
  } catch (error) {
    await client.end().catch(() => undefined);
    await parts.afterClose?.();
    throw parts.explain(error);
  }
  return {
    location: parts.location,
    async query<Row extends object>(sql: string, parameters: readonly unknown[] = []): Promise<Row[]> {
      try {
        if (parts.beginPooled === undefined) return await rowsOf<Row>(client, sql, parameters);
        return await inTransaction(client, parts.beginPooled, () => rowsOf<Row>(client, sql, parameters));
      } catch (error) {
        throw parts.explain(error);
      }
    },
    async close() {
      try {
        await client.end();
      } finally {
        await parts.afterClose?.();
      }
    },
  };
}

/**
 * Postgres's codes (appendix A) for a transaction that failed only because of a concurrent change:
 * - foreign_key_violation: a referenced row was removed
 * - unique_violation: a row to be created exists
 * - serialization_failure, deadlock_detected, lock_not_available
 */
const codes = new Set(["23503", "23505", "40001", "40P01", "55P03"]);

interface Coded {
  code?: unknown;
}

/** Returns true for errors worth a retry: another session changed what the transaction had read. */
export function isOutdated(error: unknown): boolean {
  // A Failure of the server keeps Postgres's error as its cause.
  return (
    error instanceof Error && [error, error.cause].some((one) => codes.has(String((one as Coded | undefined)?.code)))
  );
}
