import { relatedOfNewDeals } from "../../database/landing/association.ts";
import { commitRun } from "../../database/tables/fence.ts";
import { idsAtOnce, readByIds } from "../../pipedrive/lists/read-by-ids.ts";
import { recordUsage } from "../record-usage.ts";
import type { Run } from "../run-context.ts";
import { countRead } from "../summary.ts";
import { readingOrder } from "./extract-stream.ts";
import { land } from "./land.ts";
import { warnNotPermitted } from "./mark-missing.ts";

/**
 * Re-reads the organizations and persons of deals that changed since then, if the mapping reads counts that Pipedrive
 * keeps for them: a new deal changes `open_deals_count`, and no update_time. Costs nothing if it reads no such counts,
 * or if no deal changed.
 */
export async function refreshAsked(run: Run, since: string): Promise<void> {
  const { database, client, mapping, signal } = run.request;
  for (const stream of ["organizations", "persons"] as const) {
    if (mapping.asked[stream].length === 0 || !readingOrder(mapping).includes(stream)) continue;
    const ids = await relatedOfNewDeals(database, stream, since);
    for (let start = 0; start < ids.length; start += idsAtOnce) {
      const { group, notPermitted } = await readByIds(client, stream, ids.slice(start, start + idsAtOnce));
      signal.throwIfAborted();
      await commitRun(database, run.id, async (transaction) => {
        run.rejections += await land(transaction, run, group, { everyDeal: false, otherStreams: false });
        await recordUsage(transaction, run);
      });
      warnNotPermitted(run.request, stream, notPermitted);
      countRead(run.summary.streams[stream], group);
    }
  }
}
