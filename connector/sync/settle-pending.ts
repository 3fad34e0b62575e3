import type { Database } from "../database/database.ts";
import { holdFence } from "../database/fence.ts";
import { removePending } from "../database/pending.ts";
import { oneAhead } from "../one-ahead.ts";
import { readBatches } from "./read-batch.ts";
import { settleBatch } from "./settle-batch.ts";
import type { SettleContext } from "./settle-context.ts";

/**
 * Settles all pending work, each batch in one transaction with the removal of its entries: a process that dies in
 * between leaves the rest pending. The next batch is read while the last one is stored; the run lock keeps others from
 * landing anything meanwhile. `organizations` limits it to those given. With `keep` the entries stay, to be settled again
 * when more of what belongs to them has come.
 */
export async function settlePending(
  database: Database,
  context: SettleContext,
  options: { organizations?: readonly number[]; keep?: boolean; afterBatch?: (settled: number) => void } = {},
): Promise<void> {
  for await (const batch of oneAhead(readBatches(database, context.mapping, options.organizations))) {
    await database.transaction(async (transaction) => {
      await settleBatch(transaction, context, batch);
      if (options.keep !== true) await removePending(transaction, batch.entries);
      await holdFence(transaction, context.runId);
    });
    options.afterBatch?.(batch.entries.length);
  }
}
