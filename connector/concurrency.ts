/** Work that was begun before another and may still be under way, and what it is for. */
export interface UnderWay<Element> {
  element: Element;
  /** Settles when it is done. */
  done: Promise<void>;
}

/**
 * Does `work` for each element while that for the ones before is still under way: `atOnce` together, never more, the oldest
 * first in `underWay`. Work that waits for the last of those before it commits keeps the order, and fails with it. When
 * nothing is under way any more it returns, or throws the first failure, of work or of the elements.
 */
export async function inTurn<Element>(
  elements: AsyncIterable<Element> | Iterable<Element>,
  atOnce: number,
  work: (element: Element, underWay: readonly UnderWay<Element>[]) => Promise<void>,
): Promise<void> {
  const underWay: UnderWay<Element>[] = [];
  try {
    for await (const element of elements) {
      if (underWay.length === atOnce) {
        await underWay[0]!.done;
        underWay.shift();
      }
      const done = work(element, [...underWay]);
      done.catch(() => {});
      underWay.push({ element, done });
    }
  } finally {
    await Promise.allSettled(underWay.map(({ done }) => done));
    // Throws in place of what ended the loop where that came later.
    for (const { done } of underWay) await done;
  }
}

/** Returns when all are done; throws the first failure, when nothing is under way any more. */
export async function allDone(parts: readonly Promise<void>[]): Promise<void> {
  await Promise.allSettled(parts);
  await Promise.all(parts);
}

/**
 * Hands on what `source` gives, and has it prepare the next element meanwhile: never more than one. An error of the
 * source comes when its element would.
 */
export async function* oneAhead<Element>(source: AsyncGenerator<Element, void>): AsyncGenerator<Element, void> {
  let next = prepare(source);
  try {
    for (let result = await next; result.done !== true; result = await next) {
      next = prepare(source);
      yield result.value;
    }
  } finally {
    // Not awaited: the caller left, and what is still being prepared may take its time to end.
    void source.return().catch(() => {});
  }
}

function prepare<Element>(source: AsyncGenerator<Element, void>): Promise<IteratorResult<Element, void>> {
  const next = source.next();
  next.catch(() => {});
  return next;
}
