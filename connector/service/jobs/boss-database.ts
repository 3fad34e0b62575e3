import type { Database } from "../../database/database.ts";

/** The database interface that pg-boss requires. */
export interface BossDatabase {
  executeSql(text: string, values?: unknown[]): Promise<{ rows: unknown[] }>;
}

/**
 * Runs pg-boss's SQL on the hub. Its scripts bring their own BEGIN and COMMIT. They run in a transaction of the hub
 * instead, so that a failing script leaves no pooled connection inside an open transaction.
 */
export function bossDatabase(database: Database): BossDatabase {
  return {
    async executeSql(text, values = []) {
      const whole = /^\s*BEGIN;([\s\S]*)COMMIT;\s*$/.exec(text)?.[1];
      if (whole === undefined) return { rows: await database.query(text, values) };
      // The schema exists. Postgres requires the right to create it even if there is nothing to create.
      const script = whole.replace(/CREATE SCHEMA IF NOT EXISTS connector\s*;/, "");
      return { rows: await database.transaction((transaction) => transaction.query(script)) };
    },
  };
}
