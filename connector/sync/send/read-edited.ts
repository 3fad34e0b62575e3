import { markDeleted } from "../../database/landing/landing.ts";
import { addPending } from "../../database/landing/pending.ts";
import { commitRun } from "../../database/tables/fence.ts";
import { receives } from "../../mapping/direction.ts";
import { idsAtOnce, readByIds } from "../../pipedrive/lists/read-by-ids.ts";
import { land } from "../land/land.ts";
import { recordUsage } from "../record-usage.ts";
import type { Run, RunRequest } from "../run-context.ts";
import { countRead } from "../summary.ts";
import { lookAtEdited } from "./look-at-edited.ts";
import type { Sending } from "./sending.ts";

/**
 * Re-reads the organizations that may have something to send (100 per request) and queues them, so that Pipedrive's
 * changes are merged first. Returns their ids. `companies` limits it; empty for all.
 */
export async function readEdited(
  run: Run<RunRequest>,
  { client, consented }: Sending,
  companies: readonly number[],
): Promise<Set<number>> {
  const { database, signal } = run.request;
  const fresh = new Set<number>();
  // Without consent nothing is sent, but a plan shows it all.
  if (!consented && !database.rehearsal) return fresh;
  let waiting: number[] = [];
  const read = async () => {
    signal.throwIfAborted();
    await readFresh(run, client, waiting);
    for (const id of waiting) fresh.add(id);
    waiting = [];
  };
  for await (const looks of lookAtEdited(run)) {
    for (const { linked } of looks) {
      if (linked === undefined || fresh.has(linked.recordId)) continue;
      if (companies.length > 0 && !companies.includes(linked.recordId)) continue;
      const { decision } = linked;
      const isApplied =
        decision !== undefined &&
        [decision.fields, decision.rejections, decision.conflicts].every((all) => all.length === 0);
      if (isApplied) continue;
      waiting.push(linked.recordId);
      if (waiting.length === idsAtOnce) await read();
    }
  }
  if (waiting.length > 0) await read();
  return fresh;
}

async function readFresh(run: Run<RunRequest>, client: Sending["client"], ids: readonly number[]): Promise<void> {
  const { database, mapping } = run.request;
  const { group, missing } = await readByIds(client, "organizations", ids);
  await commitRun(database, run.id, async (transaction) => {
    run.rejections += await land(transaction, run, group, { everyDeal: false, otherStreams: false, completes: true });
    await markDeleted(transaction, "organizations", missing);
    if (receives(mapping.organizations.direction)) {
      const entries = ids.map((id) => ({ organizationId: id, stream: "organizations" as const, recordId: id }));
      await addPending(transaction, entries);
    }
    await recordUsage(transaction, run);
  });
  countRead(run.summary.streams.organizations, group);
}
