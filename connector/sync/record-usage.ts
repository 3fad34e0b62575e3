import type { Transaction } from "../database/database.ts";
import { addUsage } from "../database/tables/budget.ts";
import type { Budget } from "../pipedrive/client/budget.ts";

/** Adds the API usage since the last call to the usage of the day (UTC). */
export async function recordUsage(
  transaction: Transaction,
  { request }: { request: { budget: Budget } },
): Promise<void> {
  const { count, tokens } = request.budget.takeUnrecorded();
  if (count === 0) return;
  await addUsage(transaction, new Date().toISOString().slice(0, 10), { requests: count, tokens });
}
