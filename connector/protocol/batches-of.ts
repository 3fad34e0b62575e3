import type { InputBatch } from "./input-batch.ts";
import type { InputBatches } from "./input-batches.ts";
import type { Line } from "./read-lines.ts";

/** Milliseconds without input after which a batch is committed, so that its states need not wait for more. */
const idle = 20;

/**
 * Yields the batches of an input: full ones as they fill, and a smaller one when the source pauses, so that it receives
 * its states before the end. Throws the signal's reason when it is aborted, also while the source is silent.
 */
export async function* batchesOf(
  lines: AsyncGenerator<Line[], void>,
  batches: InputBatches,
  signal: AbortSignal,
): AsyncGenerator<InputBatch, void> {
  const aborted = new Promise<never>((_resolve, reject) => {
    const stop = () => reject(signal.reason);
    if (signal.aborted) stop();
    else signal.addEventListener("abort", stop, { once: true });
  });
  aborted.catch(() => {});
  for (;;) {
    const next = lines.next();
    next.catch(() => {});
    if (batches.waiting.states && (await silent(next))) yield batches.rest();
    const result = await Promise.race([next, aborted]);
    if (result.done === true) break;
    yield* batches.take(result.value);
  }
  if (batches.waiting.batch) yield batches.rest();
}

/** Returns true if no input comes for a moment. */
async function silent(next: Promise<unknown>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const pause = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(true), idle);
  });
  try {
    return await Promise.race([next.then(() => false), pause]);
  } finally {
    clearTimeout(timer);
  }
}
