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
      const script = /^\s*BEGIN;([\s\S]*)COMMIT;\s*$/.exec(text)?.[1];
      if (script === undefined) return { rows: await database.query(text, values) };
      return { rows: await database.transaction((transaction) => transaction.query(script)) };
    },
  };
}
