import { Failure } from "../failure.ts";
import type { Transaction } from "./database.ts";

/** How often (ms) a run writes down that it goes on: a row is written for it. */
const signEvery = 20_000;
/** The last time that the run of this process did. */
let signed = { runId: "", at: 0 };

const sign =
  "sign as (update connector.runs set progress_at = clock_timestamp() where id in (select run_id from held))";

/** Makes a run the one that may write, from the commit of this transaction on. */
export async function claimFence(transaction: Transaction, runId: string): Promise<void> {
  signed = { runId, at: performance.now() };
  await transaction.query("update connector.fence set run_id = $1", [runId]);
}

/**
 * The last statement of each of a run's transactions: proves that the run is still the one that may write, and keeps it
 * so until the commit; of a run that goes on for long it says now and then that it does. Throws a Failure, which rolls
 * the transaction back, when another run took over.
 */
export async function holdFence(transaction: Transaction, runId: string): Promise<void> {
  // Locked rather than updated: it waits for a claim under way just the same, and writes no row.
  const held = "select run_id from connector.fence where run_id = $1 for update";
  const isDue = performance.now() - signed.at > signEvery || signed.runId !== runId;
  if (isDue) signed = { runId, at: performance.now() };
  const rows = await transaction.query(isDue ? `with held as (${held}), ${sign} select run_id from held` : held, [
    runId,
  ]);
  if (rows.length > 0) return;
  throw new Failure("surroundings", `Another run took over this database while run ${runId} was under way.`, {
    hint: "What this run had committed is kept. Make sure that only one sync is started at a time.",
  });
}
