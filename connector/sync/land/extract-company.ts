import { addPending } from "../../database/landing/pending.ts";
import { commitRun } from "../../database/tables/fence.ts";
import { readOfOrganization } from "../../pipedrive/lists/read-of-organization.ts";
import { recordUsage } from "../record-usage.ts";
import type { Run } from "../run-context.ts";
import { countRead, countsOf } from "../summary.ts";
import { land } from "./land.ts";

/**
 * Fetches one organization with its deals, persons and notes, and makes it pending as a whole, changed or not.
 * Bookmarks stay unchanged, because the lists were not read.
 */
export async function extractCompany(run: Run, organizationId: number): Promise<void> {
  const { database, client, mapping, signal, onProgress } = run.request;
  const streams = (["organizations", "persons", "deals", "notes"] as const).filter(
    (stream) => mapping[stream].direction !== "none",
  );
  const groups = await readOfOrganization(client, organizationId, streams);
  signal.throwIfAborted();
  await commitRun(database, run.id, async (transaction) => {
    for (const group of groups) {
      run.rejections += await land(transaction, run, group, { everyDeal: false, otherStreams: false, completes: true });
      countRead(countsOf(run.summary, group.stream), group);
    }
    await addPending(transaction, [{ organizationId, stream: "organizations", recordId: organizationId }]);
    await recordUsage(transaction, run);
  });
  for (const { stream } of groups) onProgress?.({ stage: "read", stream, records: countsOf(run.summary, stream).read });
}
