import type { Queryable } from "../../database/database.ts";
import { readLandedIds } from "../../database/landing/landing.ts";
import { dealsOfUnlanded } from "../../database/landing/product-deals.ts";
import { publishRefusedAgain } from "../../database/rows/published.ts";
import { commitRun } from "../../database/tables/fence.ts";
import {
  forgetUnreached,
  landingStage,
  listRejections,
  publishStage,
  type StoredRejection,
  sendStage,
} from "../../database/tables/rejections.ts";
import { forgetRefusedSends } from "../../database/tables/sends.ts";
import type { Client } from "../../pipedrive/client/client.ts";
import { readBatchesById } from "../../pipedrive/lists/read-by-id.ts";
import { objectSourceId } from "../../source-id.ts";
import { listedStreams, type StreamName } from "../../stream-name.ts";
import { land } from "../land/land.ts";
import { type ListedRejection, listedRejection } from "../listed-rejection.ts";
import { recordUsage } from "../record-usage.ts";
import type { Run, RunRequest, SyncOutcome } from "../run-context.ts";
import { countRead, countsOf } from "../summary.ts";
import { extractToldProducts } from "./extract-products.ts";
import { pendRejected } from "./pend-rejected.ts";
import { readLean } from "./read-lean.ts";
import { carryOut } from "./run-sync.ts";
import { retryObjects } from "./write-objects.ts";

/** The rejections to retry, and the client for records that never landed. */
export interface RetryRequest extends RunRequest {
  client: Client;
  rejections: readonly StoredRejection[];
  /** Called with a sentence for each record that Pipedrive no longer has. */
  log: (message: string) => void;
}

/** The result of retrying rejections. */
export interface RetryOutcome extends SyncOutcome {
  /** The number of fixed rejections: their values are stored now. */
  mended: number;
  /** The number of rejections removed because their record no longer syncs. */
  forgotten: number;
  /** The rejections that stay, with their present reason. */
  left: ListedRejection[];
}

/**
 * Retries rejections: records that could not land are fetched by id, and every deal that brings a rejected record is
 * applied as in any other run. A rejection that stays keeps its id and its `since`.
 */
export async function retryRejections(request: RetryRequest): Promise<RetryOutcome> {
  const ids = request.rejections.map(({ id }) => id);
  const outcome = await carryOut(request, "incremental", collect);
  const { database } = request;
  const runId = outcome.summary.run;
  const forgotten =
    outcome.failure === undefined
      ? await commitRun(database, runId, async (transaction) => {
          const count = await forgetUnreached(transaction, runId, ids);
          return count;
        })
      : 0;
  const left = (await listRejections(database, { ids })).map(listedRejection);
  return { ...outcome, mended: ids.length - left.length - forgotten, forgotten, left };
}

async function collect(run: Run<RetryRequest>): Promise<void> {
  const { database, rejections } = run.request;
  for (const stream of listedStreams) {
    for await (const group of readBatchesById(run.request.client, stream, await toRead(database, stream, rejections))) {
      run.request.signal.throwIfAborted();
      await commitRun(database, run.id, async (transaction) => {
        run.rejections += await land(transaction, run, group, { everyDeal: true, otherStreams: false });
        await recordUsage(transaction, run);
      });
      countRead(countsOf(run.summary, stream), group);
      for (const id of group.absent) {
        run.request.log(`Pipedrive has no record ${id} of ${stream} any more, or the token's user may not see it.`);
      }
    }
  }
  await retryObjects(
    run,
    rejections.filter(isObject).map(({ id }) => id),
  );
  const unread = rejections.filter(({ stage }) => stage === landingStage).map(({ id }) => id);
  await extractToldProducts(run, await dealsOfUnlanded(database, unread));
  await commitRun(database, run.id, async (transaction) => {
    await pendRejected(transaction, rejections);
    const unsent = rejections.filter(({ stage }) => stage === sendStage);
    await forgetRefusedSends(
      transaction,
      unsent.flatMap(({ recordId }) => recordId ?? []),
    );
    const unpublished = rejections.filter(({ stage }) => stage === publishStage);
    await publishRefusedAgain(transaction, {
      recordIds: unpublished.flatMap(({ recordId }) => recordId ?? []),
      sourceIds: unpublished.flatMap(({ recordId, value }) =>
        recordId === null && typeof value === "string" ? [objectSourceId(value)] : [],
      ),
    });
  });
  await readLean(run);
}

/** Returns whether a rejection is of an object of another source, whose record it holds. */
function isObject({ stage, recordId, model }: StoredRejection): boolean {
  return stage === landingStage && recordId === null && model !== null;
}

/** Returns the records of a stream to fetch: rejected ones that did not land, and awaited organizations. */
async function toRead(
  queryable: Queryable,
  stream: StreamName,
  rejections: readonly StoredRejection[],
): Promise<number[]> {
  const unlanded = rejections.filter((one) => one.stream === stream && one.stage === landingStage);
  const ids = new Set(unlanded.flatMap(({ recordId }) => recordId ?? []));
  if (stream === "organizations") {
    const awaited = new Set(rejections.flatMap(({ waitingFor }) => waitingFor ?? []));
    const landed = await readLandedIds(queryable, stream, [...awaited]);
    for (const id of awaited) if (!landed.has(id)) ids.add(id);
  }
  return [...ids].sort((one, other) => one - other);
}
