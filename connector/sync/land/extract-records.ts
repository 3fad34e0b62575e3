import { commitRun } from "../../database/tables/fence.ts";
import {
  type FoundRecords,
  fewRecords,
  idsAtOnce,
  readFromLists,
  readOneByOne,
} from "../../pipedrive/lists/read-by-ids.ts";
import type { ListedStream } from "../../stream-name.ts";
import { recordUsage } from "../record-usage.ts";
import type { EventsRequest, Run } from "../run-context.ts";
import { countRead } from "../summary.ts";
import { land } from "./land.ts";
import { markMissing, warnNotPermitted } from "./mark-missing.ts";

/**
 * The limit up to which records missing from the lists are requested one by one; of more records this many are sampled.
 */
const mostOneByOne = 10;

/**
 * Fetches records by their ids, 100 per request, and lands them. Records in `gone`, deleted according to an event, are
 * marked if Pipedrive no longer has them.
 */
export async function extractRecords(
  run: Run<EventsRequest>,
  stream: ListedStream,
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
  // The event and the lists both say that these are gone, so no request is needed.
  const missing = unlisted.filter((id) => gone.has(id));
  await save(run, stream, { group: { stream, records: [], rejected: [] }, missing, notPermitted: [] });
  await lookAtMany(
    run,
    stream,
    unlisted.filter((id) => !gone.has(id)),
  );
}

/**
 * Fetches many records that no list shows and no event reported as deleted. Either they do not exist, or an import has
 * just created them and the lists do not have them yet: a sample decides.
 */
async function lookAtMany(run: Run<EventsRequest>, stream: ListedStream, ids: readonly number[]): Promise<void> {
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

/** Fetches records one by one. Returns whether one of them exists and is not deleted. */
async function lookAtEach(
  run: Run<EventsRequest>,
  stream: ListedStream,
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

/** Lands the found records and marks the missing ones, in one transaction. */
async function save(
  run: Run<EventsRequest>,
  stream: ListedStream,
  { group, missing, notPermitted }: FoundRecords,
): Promise<void> {
  const { database, followChanges, signal, onProgress } = run.request;
  signal.throwIfAborted();
  const found = group.records.length + group.rejected.length;
  await commitRun(database, run.id, async (transaction) => {
    if (found > 0)
      run.rejections += await land(transaction, run, group, { everyDeal: false, otherStreams: followChanges });
    await markMissing(transaction, run.id, stream, missing);
    await recordUsage(transaction, run);
  });
  warnNotPermitted(run.request, stream, notPermitted);
  countRead(run.summary.streams[stream], group);
  onProgress?.({ stage: "read", stream, records: run.summary.streams[stream].read });
}
