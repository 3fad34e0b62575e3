import type { Queryable } from "../../database/database.ts";
import { holdFence } from "../../database/fence.ts";
import { readLandedIds } from "../../database/landing.ts";
import { publishRefusedAgain } from "../../database/published.ts";
import {
  forgetUnreached,
  landingStage,
  listRejections,
  publishStage,
  type StoredRejection,
  sendStage,
} from "../../database/rejections.ts";
import { forgetRefusedSends } from "../../database/sends.ts";
import type { Client } from "../../pipedrive/client.ts";
import { readByIds } from "../../pipedrive/read-by-id.ts";
import { type StreamName, streamNames } from "../../stream-name.ts";
import { land } from "../land/land.ts";
import { type ListedRejection, listedRejection } from "../listed-rejection.ts";
import { recordUsage } from "../record-usage.ts";
import type { Run, RunRequest, SyncOutcome } from "../run-context.ts";
import { countRead } from "../summary.ts";
import { pendRejected } from "./pend-rejected.ts";
import { carryOut } from "./run-sync.ts";

/** Which rejections to try again, and what to ask for the records that never landed. */
export interface RetryRequest extends RunRequest {
  client: Client;
  rejections: readonly StoredRejection[];
  /** Told of records that Pipedrive does not have any more, in one sentence. */
  log: (message: string) => void;
}

/** What came of trying rejections again. */
export interface RetryOutcome extends SyncOutcome {
  /** How many were mended: what was rejected is stored now. */
  mended: number;
  /** How many were forgotten, because their record does not sync any more. */
  forgotten: number;
  /** Those that stay, with the reason that they have now. */
  left: ListedRejection[];
}

/**
 * Tries rejections again: records that could not be landed are read anew by their ids, and every deal that brings a
 * rejected record is settled as in any other run. A rejection that stays keeps its id and its `since`.
 */
export async function retryRejections(request: RetryRequest): Promise<RetryOutcome> {
  const ids = request.rejections.map(({ id }) => id);
  const outcome = await carryOut(request, "incremental", collect);
  const { database } = request;
  const runId = outcome.summary.run;
  const forgotten =
    outcome.failure === undefined
      ? await database.transaction(async (transaction) => {
          const count = await forgetUnreached(transaction, runId, ids);
          await holdFence(transaction, runId);
          return count;
        })
      : 0;
  const left = (await listRejections(database, { ids })).map(listedRejection);
  return { ...outcome, mended: ids.length - left.length - forgotten, forgotten, left };
}

async function collect(run: Run<RetryRequest>): Promise<void> {
  const { database, rejections } = run.request;
  for (const stream of streamNames) {
    for await (const group of readByIds(run.request.client, stream, await toRead(database, stream, rejections))) {
      run.request.signal.throwIfAborted();
      await database.transaction(async (transaction) => {
        run.rejections += await land(transaction, run.id, group, { everyDeal: true, otherStreams: false });
        await recordUsage(transaction, run);
        await holdFence(transaction, run.id);
      });
      countRead(run.summary.streams[stream], group);
      for (const id of group.absent) {
        run.request.log(`Pipedrive has no record ${id} of ${stream} any more, or the token's user may not see it.`);
      }
    }
  }
  await database.transaction(async (transaction) => {
    await pendRejected(transaction, rejections);
    const unsent = rejections.filter(({ stage }) => stage === sendStage);
    await forgetRefusedSends(
      transaction,
      unsent.flatMap(({ recordId }) => recordId ?? []),
    );
    const unpublished = rejections.filter(({ stage }) => stage === publishStage);
    await publishRefusedAgain(
      transaction,
      unpublished.flatMap(({ recordId }) => recordId ?? []),
    );
    await holdFence(transaction, run.id);
  });
}

/** The records of a stream that have to be asked for: the rejected ones that did not land, and awaited organizations. */
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
