import { markSeen, readUnseen } from "../../database/landing/unseen.ts";
import { commitRun } from "../../database/tables/fence.ts";
import { idsAtOnce, readByIds } from "../../pipedrive/lists/read-by-ids.ts";
import type { ListedStream } from "../../stream-name.ts";
import { recordUsage } from "../record-usage.ts";
import type { Run } from "../run-context.ts";
import { countRead } from "../summary.ts";
import { type Following, land } from "./land.ts";
import { markMissing, warnNotPermitted } from "./mark-missing.ts";

/**
 * Fetches, by id, the records that a finished walk through a stream's lists has not met. Records that Pipedrive still
 * has land in their present state: they changed during the walk, or are marked as deleted. Records that the token may
 * not see stay unchanged. The others are marked as deleted. Rows stay unchanged. Progress is saved batch by batch.
 */
export async function landUnseen(run: Run, stream: ListedStream, following: Following): Promise<void> {
  const { database, client, signal } = run.request;
  const counts = run.summary.streams[stream];
  for (;;) {
    const ids = await readUnseen(database, stream, idsAtOnce);
    if (ids.length === 0) return;
    const { group, missing, notPermitted } = await readByIds(client, stream, ids);
    signal.throwIfAborted();
    const deleted = group.records.filter((record) => record.deleted).length;
    await commitRun(database, run.id, async (transaction) => {
      run.rejections += await land(transaction, run, group, following);
      await markMissing(transaction, run.id, stream, missing);
      await markSeen(transaction, stream, ids);
      await recordUsage(transaction, run);
    });
    warnNotPermitted(run.request, stream, notPermitted);
    countRead(counts, group);
    counts.deleted = (counts.deleted ?? 0) + deleted + missing.length;
  }
}
