import type { Database } from "../database/database.ts";
import { holdFence } from "../database/fence.ts";
import { nextPending, type PendingEntry, removePending } from "../database/pending.ts";
import { settleBatch } from "./settle-batch.ts";
import type { SettleContext } from "./settle-context.ts";

/** How many pending records are settled in one transaction. */
const batchSize = 1000;

/**
 * Settles all pending work, batch by batch in the order of organizations, each in one transaction with the removal of
 * its entries: a process that dies in between leaves the rest pending. `organizations` limits it to those given.
 */
export async function settlePending(
  database: Database,
  context: SettleContext,
  options: { organizations?: readonly number[]; afterBatch?: (settled: number) => void } = {},
): Promise<void> {
  let after: PendingEntry | undefined;
  for (;;) {
    const entries = await nextPending(database, { limit: batchSize, after, organizations: options.organizations });
    const last = entries.at(-1);
    if (last === undefined) return;
    await database.transaction(async (transaction) => {
      await settleBatch(transaction, context, entries);
      await removePending(transaction, entries);
      await holdFence(transaction, context.runId);
    });
    options.afterBatch?.(entries.length);
    after = last;
  }
}
