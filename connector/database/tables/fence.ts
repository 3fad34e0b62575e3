import { Failure } from "../../failure.ts";
import type { Database, Transaction } from "../database.ts";

/** Interval (ms) between two signs of life of a run; each writes a row. */
const signEvery = 20_000;
/** The last sign of life of this process's run. */
let signed = { runId: "", at: 0 };

const sign =
  "sign as (update connector.runs set progress_at = clock_timestamp() where id in (select run_id from held))";

/** Makes a run the only one that may write, from this transaction's commit on. */
export async function claimFence(transaction: Transaction, runId: string): Promise<void> {
  signed = { runId, at: performance.now() };
  await transaction.query("update connector.fence set run_id = $1", [runId]);
}

/**
 * Proves that the run is still the one that may write, and holds that until the commit; the last statement of each
 * transaction of a run. In a long run it also records a sign of life from time to time. Throws a Failure, which rolls
 * the transaction back, if another run took over.
 */
export async function holdFence(transaction: Transaction, runId: string): Promise<void> {
  // A lock instead of an update: it waits for a claim in progress too, and writes no row.
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

/**
 * Commits `work` of a run, and nothing if another run took over: the fence is checked last. Every write of a run goes
 * through here, or ends with `holdFence` itself.
 */
export async function commitRun<Result>(
  database: Pick<Database, "transaction">,
  runId: string,
  work: (transaction: Transaction) => Promise<Result>,
): Promise<Result> {
  return database.transaction(async (transaction) => {
    const result = await work(transaction);
    await holdFence(transaction, runId);
    return result;
  });
}
