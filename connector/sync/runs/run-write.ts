import { oneAhead } from "../../concurrency.ts";
import type { Transaction } from "../../database/database.ts";
import { holdFence } from "../../database/fence.ts";
import { saveGeneration } from "../../database/generations.ts";
import { markDeleted } from "../../database/landing.ts";
import { addLandedDeals } from "../../database/pending.ts";
import type { Failure } from "../../failure.ts";
import type { InputBatch } from "../../protocol/input-batch.ts";
import type { StreamName } from "../../stream-name.ts";
import { replaceOlder } from "../land/generations.ts";
import { type Following, land } from "../land/land.ts";
import type { Run, RunRequest, SyncOutcome } from "../run-context.ts";
import { countRead } from "../summary.ts";
import { remapIfChanged } from "./remap-if-changed.ts";
import { carryOut } from "./run-sync.ts";

/** Everything one run of write needs. */
export interface WriteRequest extends RunRequest {
  /** What comes in; it ends with the input. Throws where the input breaks off. */
  batches: AsyncGenerator<InputBatch, void>;
  /** The source sends everything anew: Fetch All. */
  full: boolean;
  followChanges: boolean;
  /** Told of each batch once it is committed. */
  onCommitted(batch: InputBatch): Promise<void>;
  /** Asked at the end of the input: what it lacks, where it is not all that the source had to send. */
  lacking(): Failure | undefined;
}

/** The order in which the streams of a batch are landed: the same for everyone who lands several at once. */
const landingOrder: readonly StreamName[] = ["organizations", "persons", "deals", "notes"];

/**
 * Lands what a source sends and settles it when all has come: the same run as a sync but for where its records come
 * from. Each batch and its pending work are one transaction, so it may be killed at any moment and the next run
 * continues. When the input was not whole, what came is settled and stays pending, because what belongs to it is still
 * to come.
 */
export async function runWrite(request: WriteRequest): Promise<SyncOutcome> {
  return carryOut(request, request.full ? "full" : "incremental", collect);
}

async function collect(run: Run<WriteRequest>): Promise<Failure | undefined> {
  const { database, batches, full, followChanges, signal, onCommitted, lacking, onProgress } = run.request;
  await remapIfChanged(run);
  for await (const batch of oneAhead(batches)) {
    signal.throwIfAborted();
    await database.transaction(async (transaction) => {
      await landBatch(transaction, run, batch, { everyDeal: full, otherStreams: followChanges });
      for (const whole of batch.whole) await replaceOlder(transaction, whole);
      await holdFence(transaction, run.id);
    });
    for (const group of batch.groups) {
      const { stream, deleted } = group;
      const counts = run.summary.streams[stream];
      countRead(counts, group, deleted.size);
      onProgress?.({ stage: "read", stream, records: counts.read });
    }
    await onCommitted(batch);
  }
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
    run.rejections += await land(transaction, run.id, group, following);
    for (const [generation, ids] of group.generations) await saveGeneration(transaction, stream, generation, ids);
    if (group.deleted.size === 0) continue;
    const marked = await markDeleted(transaction, stream, [...group.deleted]);
    if (stream === "deals") await addLandedDeals(transaction, marked);
  }
}
