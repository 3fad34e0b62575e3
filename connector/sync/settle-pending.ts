import type { Database } from "../database/database.ts";
import { writeAsSettling } from "../database/edited-companies.ts";
import { holdFence } from "../database/fence.ts";
import { hasLinks } from "../database/links.ts";
import { isOutdated } from "../database/outdated.ts";
import { removePending } from "../database/pending.ts";
import { oneAhead } from "../one-ahead.ts";
import { type Batch, readBatches } from "./read-batch.ts";
import { settleBatch } from "./settle-batch.ts";
import type { SettleContext } from "./settle-context.ts";
import { addCounts, emptySummary } from "./summary.ts";

/** How often a batch is begun anew because someone else changed its rows meanwhile. */
const mostTries = 4;

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
  let noLinksBefore: boolean | undefined;
  for await (const batch of oneAhead(readBatches(database, context.mapping, options.organizations))) {
    noLinksBefore ??= !(await hasLinks(database));
    await settle(database, context, batch, { keep: options.keep === true, noLinksBefore });
    options.afterBatch?.(batch.entries.length);
  }
}

/** Counts what came of a batch only when it is committed: until then it may be rolled back and begun anew. */
async function settle(
  database: Database,
  context: SettleContext,
  batch: Batch,
  { keep, noLinksBefore }: { keep: boolean; noLinksBefore: boolean },
): Promise<void> {
  for (let tries = 1; ; tries++) {
    const attempt: SettleContext = {
      ...context,
      noLinksBefore: noLinksBefore && tries === 1,
      summary: emptySummary(context.runId, context.summary.mode),
      rejections: 0,
    };
    try {
      await database.transaction(async (transaction) => {
        await writeAsSettling(transaction);
        await settleBatch(transaction, attempt, batch);
        if (!keep) await removePending(transaction, batch.entries);
        await holdFence(transaction, context.runId);
      });
    } catch (error) {
      if (tries < mostTries && isOutdated(error)) continue;
      throw error;
    }
    addCounts(context.summary, attempt.summary);
    context.rejections += attempt.rejections;
    return;
  }
}
