import { addUsage } from "../database/budget.ts";
import type { Transaction } from "../database/database.ts";
import type { Budget } from "../pipedrive/budget.ts";

/** Adds what was spent of the API budget since the last time to the day's account (UTC). */
export async function recordUsage(
  transaction: Transaction,
  { request }: { request: { budget: Budget } },
): Promise<void> {
  const { count, tokens } = request.budget.takeUnrecorded();
  if (count === 0) return;
  await addUsage(transaction, new Date().toISOString().slice(0, 10), { requests: count, tokens });
}
