import type { Database } from "../database/database.ts";

/** What pg-boss sends its SQL to. */
export interface BossDatabase {
  executeSql(text: string, values?: unknown[]): Promise<{ rows: unknown[] }>;
}

/**
 * Lets pg-boss work on our database. Its scripts bring their own BEGIN and COMMIT; they run in a transaction of ours
 * instead, so that a failing one leaves no connection of the pool in an open transaction.
 */
export function bossDatabase(database: Database): BossDatabase {
  return {
    async executeSql(text, values = []) {
      const whole = /^\s*BEGIN;([\s\S]*)COMMIT;\s*$/.exec(text)?.[1];
      if (whole === undefined) return { rows: await database.query(text, values) };
      // The schema is ours and there. Postgres wants the right to make one even where there is nothing to make.
      const script = whole.replace(/CREATE SCHEMA IF NOT EXISTS connector\s*;/, "");
      return { rows: await database.transaction((transaction) => transaction.query(script)) };
    },
  };
}
