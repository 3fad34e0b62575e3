import type { Queryable, Transaction } from "../database.ts";

/** Usage of the API budget. */
export interface DayUsage {
  requests: number;
  tokens: number;
}

/** Adds to the usage of a UTC day (`YYYY-MM-DD`). */
export async function addUsage(transaction: Transaction, day: string, { requests, tokens }: DayUsage): Promise<void> {
  await transaction.query(
    `insert into connector.budget as spent (day, tokens, requests) values ($1, $2, $3)
     on conflict (day) do update
     set tokens = spent.tokens + excluded.tokens, requests = spent.requests + excluded.requests`,
    [day, tokens, requests],
  );
}

/** Returns the usage of a UTC day (`YYYY-MM-DD`). */
export async function readUsage(queryable: Queryable, day: string): Promise<DayUsage> {
  const [row] = await queryable.query<{ tokens: string; requests: string }>(
    "select tokens, requests from connector.budget where day = $1",
    [day],
  );
  return { requests: Number(row?.requests ?? 0), tokens: Number(row?.tokens ?? 0) };
}
