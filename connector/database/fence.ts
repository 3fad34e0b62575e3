import { Failure } from "../failure.ts";
import type { Transaction } from "./database.ts";

/** Makes a run the one that may write, from the commit of this transaction on. */
export async function claimFence(transaction: Transaction, runId: string): Promise<void> {
  await transaction.query("update connector.fence set run_id = $1", [runId]);
}

/**
 * The last statement of each of a run's transactions: proves that the run is still the one that may write, and keeps
 * it so until the commit. Throws a Failure, which rolls the transaction back, when another run took over.
 */
export async function holdFence(transaction: Transaction, runId: string): Promise<void> {
  // Locked rather than updated: it waits for a claim under way just the same, and writes no row.
  const rows = await transaction.query("select run_id from connector.fence where run_id = $1 for update", [runId]);
  if (rows.length > 0) return;
  throw new Failure("surroundings", `Another run took over this database while run ${runId} was under way.`, {
    hint: "What this run had committed is kept. Make sure that only one sync is started at a time.",
  });
}
