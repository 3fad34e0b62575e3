import type { Client } from "pg";
import type { ConnectionParts } from "./connection-parts.ts";
import type { Session } from "./database.ts";

/** Every text from and to the database is in these forms; jit costs more than it gives on statements of this size. */
export const sessionSettings =
  "set time zone 'UTC'; set datestyle to 'ISO, YMD'; set intervalstyle to 'iso_8601'; set jit to off;";

/** Runs one statement and returns its rows: where one text has several statements, the last one's. */
export async function rowsOf<Row extends object>(
  connection: Client,
  sql: string,
  parameters: readonly unknown[],
): Promise<Row[]> {
  const result = await connection.query<Row>({ text: sql, values: parameters.map(parameterText) });
  return Array.isArray(result) ? ((result.at(-1) as { rows: Row[] } | undefined)?.rows ?? []) : result.rows;
}

/** Numbers as the text of an array: `pg` writes it several times slower, looking at each element for what to escape. */
function parameterText(parameter: unknown): unknown {
  return Array.isArray(parameter) && parameter.every((element) => typeof element === "number")
    ? `{${parameter.join(",")}}`
    : parameter;
}

/**
 * Reads by one open connection. The pool and the transactions of a run take longer to load than a question about one
 * record takes to answer.
 */
export async function openSession(parts: ConnectionParts, client: Client): Promise<Session> {
  try {
    await client.query(sessionSettings);
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
        return await rowsOf<Row>(client, sql, parameters);
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
