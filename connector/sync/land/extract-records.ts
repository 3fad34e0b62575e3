import { holdFence } from "../../database/fence.ts";
import { type FoundRecords, fewRecords, idsAtOnce, readFromLists, readOneByOne } from "../../pipedrive/read-by-ids.ts";
import type { StreamName } from "../../stream-name.ts";
import { recordUsage } from "../record-usage.ts";
import type { EventsRequest, Run } from "../run-context.ts";
import { countRead } from "../summary.ts";
import { land } from "./land.ts";
import { markMissing, warnNotPermitted } from "./mark-missing.ts";

/** So many records that no list shows are asked for one by one; of more, so many tell what the others are. */
const mostOneByOne = 10;

/**
 * Reads records by their ids, a hundred a request, and lands them; those of `gone`, of which an event said that they were
 * deleted, are marked where Pipedrive has them no more.
 */
export async function extractRecords(
  run: Run<EventsRequest>,
  stream: StreamName,
  ids: readonly number[],
  gone: ReadonlySet<number>,
): Promise<void> {
  const unlisted: number[] = [];
  for (let start = 0; start < ids.length; start += idsAtOnce) {
    const some = ids.slice(start, start + idsAtOnce);
    const listed = await readFromLists(run.request.client, stream, some);
    unlisted.push(...listed.unlisted);
    if (some.length > fewRecords) await save(run, stream, { group: listed.group, missing: [], notPermitted: [] });
  }
  if (unlisted.length <= mostOneByOne) {
    await lookAtEach(run, stream, unlisted, gone);
    return;
  }
  // Two say the same of these, the event and the lists, so that nothing is left to be asked.
  const missing = unlisted.filter((id) => gone.has(id));
  await save(run, stream, { group: { stream, records: [], rejected: [] }, missing, notPermitted: [] });
  await lookAtMany(
    run,
    stream,
    unlisted.filter((id) => !gone.has(id)),
  );
}

/**
 * Looks at many records that no list shows and of which nobody said that they were deleted. Either there are none with these
 * ids, or they were made just now, by an import, and the lists do not have them yet: some of them tell.
 */
async function lookAtMany(run: Run<EventsRequest>, stream: StreamName, ids: readonly number[]): Promise<void> {
  const step = Math.max(1, ids.length / mostOneByOne);
  const some = new Set(ids.filter((_, index) => Math.floor(index / step) !== Math.floor((index - 1) / step)));
  const found = await lookAtEach(run, stream, [...some], new Set());
  if (!found) return;
  await lookAtEach(
    run,
    stream,
    ids.filter((id) => !some.has(id)),
    new Set(),
  );
}

/** Asks for each by itself. True where one of them is there and not deleted. */
async function lookAtEach(
  run: Run<EventsRequest>,
  stream: StreamName,
  ids: readonly number[],
  gone: ReadonlySet<number>,
): Promise<boolean> {
  let isThere = false;
  for (let start = 0; start < ids.length; start += idsAtOnce) {
    const found = await readOneByOne(run.request.client, stream, ids.slice(start, start + idsAtOnce));
    isThere ||= found.group.rejected.length > 0 || found.group.records.some(({ deleted }) => !deleted);
    await save(run, stream, { ...found, missing: found.missing.filter((id) => gone.has(id)) });
  }
  return isThere;
}

/** Lands what was found and marks what is missing, in one transaction. */
async function save(
  run: Run<EventsRequest>,
  stream: StreamName,
  { group, missing, notPermitted }: FoundRecords,
): Promise<void> {
  const { database, followChanges, everyDeal = false, signal, onProgress } = run.request;
  signal.throwIfAborted();
  const found = group.records.length + group.rejected.length;
  await database.transaction(async (transaction) => {
    if (found > 0) run.rejections += await land(transaction, run.id, group, { everyDeal, otherStreams: followChanges });
    await markMissing(transaction, run.id, stream, missing);
    await recordUsage(transaction, run);
    await holdFence(transaction, run.id);
  });
  warnNotPermitted(run.request, stream, notPermitted);
  countRead(run.summary.streams[stream], group);
  onProgress?.({ stage: "read", stream, records: run.summary.streams[stream].read });
}
