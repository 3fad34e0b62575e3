import { oneAhead } from "../../concurrency.ts";
import type { Transaction } from "../../database/database.ts";
import { saveGeneration } from "../../database/landing/generations.ts";
import { markDeleted } from "../../database/landing/landing.ts";
import { addLandedDeals } from "../../database/landing/pending.ts";
import { dealsOfProducts, markPendingAsked } from "../../database/landing/product-deals.ts";
import { commitRun } from "../../database/tables/fence.ts";
import type { Failure } from "../../failure.ts";
import type { InputBatch } from "../../protocol/input-batch.ts";
import type { StreamName } from "../../stream-name.ts";
import { replaceOlder } from "../land/generations.ts";
import { type Following, land } from "../land/land.ts";
import type { Run, RunRequest, SyncOutcome } from "../run-context.ts";
import { countRead, countsOf } from "../summary.ts";
import { leaveWaiting } from "./read-lean.ts";
import { remapIfChanged } from "./remap-if-changed.ts";
import { carryOut } from "./run-sync.ts";
import { retryObjects, writeObjects } from "./write-objects.ts";

/** The inputs of a run of write. */
export interface WriteRequest extends RunRequest {
  /** The received batches, until the end of the input. Throws if the input breaks off. */
  batches: AsyncGenerator<InputBatch, void>;
  /** True if the source sends everything again: Fetch All. */
  full: boolean;
  followChanges: boolean;
  /** Called with each batch after its commit. */
  onCommitted(batch: InputBatch): Promise<void>;
  /** Called at the end of the input; returns a failure if it was incomplete. */
  lacking(): Failure | undefined;
}

/** The order in which the streams of a batch land, fixed for all callers that land several together. */
const landingOrder: readonly StreamName[] = ["organizations", "persons", "deals", "notes", "deal_products"];

/**
 * Lands the records of a source and applies them at the end of the input. It is the same run as a sync except for the
 * source of its records. Each batch and its pending entries are one transaction, so after a kill the next run
 * continues. If the input was incomplete, the received part is applied and stays pending, because related records are
 * still to come.
 */
export async function runWrite(request: WriteRequest): Promise<SyncOutcome> {
  return carryOut(request, request.full ? "full" : "incremental", collect);
}

async function collect(run: Run<WriteRequest>): Promise<Failure | undefined> {
  const { database, batches, full, followChanges, signal, onCommitted, lacking, onProgress } = run.request;
  await remapIfChanged(run);
  let bringsProducts = false;
  let bringsObjects = false;
  for await (const batch of oneAhead(batches)) {
    signal.throwIfAborted();
    await commitRun(database, run.id, async (transaction) => {
      await landBatch(transaction, run, batch, { everyDeal: full, otherStreams: followChanges });
      for (const whole of batch.whole) await replaceOlder(transaction, whole);
    });
    await writeObjects(run, batch.objects);
    for (const group of batch.groups) {
      const { stream, deleted } = group;
      const counts = countsOf(run.summary, stream);
      countRead(counts, group, deleted.size);
      onProgress?.({ stage: "read", stream, records: counts.read });
    }
    await onCommitted(batch);
    bringsObjects ||= batch.objects.length > 0;
    bringsProducts ||= [...batch.groups, ...batch.whole].some(({ stream }) => stream === "deal_products");
  }
  // What it has not sent of a deal's products, the deal has not.
  if (bringsProducts) await commitRun(database, run.id, markPendingAsked);
  await leaveWaiting(run);
  // A company may have come after what belongs to it.
  if (bringsObjects) await retryObjects(run);
  return lacking();
}

async function landBatch(
  transaction: Transaction,
  run: Run<WriteRequest>,
  { groups }: InputBatch,
  following: Following,
): Promise<void> {
  for (const stream of landingOrder) {
    const group = groups.find((candidate) => candidate.stream === stream);
    if (group === undefined) continue;
    run.rejections += await land(transaction, run, group, following);
    for (const [generation, ids] of group.generations) await saveGeneration(transaction, stream, generation, ids);
    if (group.deleted.size === 0) continue;
    const marked = await markDeleted(transaction, stream, [...group.deleted]);
    if (stream === "deals") await addLandedDeals(transaction, marked);
    if (stream === "deal_products") await addLandedDeals(transaction, await dealsOfProducts(transaction, marked));
  }
}
