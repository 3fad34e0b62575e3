/** Work in progress and the element it is for. */
export interface UnderWay<Element> {
  element: Element;
  /** Settles when the work is done. */
  done: Promise<void>;
}

/**
 * Runs `work` for each element while work for earlier ones may still be in progress: at most `atOnce` together, in
 * `underWay` the oldest first. Work that awaits the last earlier one before it commits keeps the order, and fails with
 * it. Returns once all work has ended, or throws the first failure of work or of the elements.
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
    // Throws an earlier failure of work in place of a later error that ended the loop.
    for (const { done } of underWay) await done;
  }
}

/** Returns when all are done. Throws the first failure once all have ended. */
export async function allDone(parts: readonly Promise<void>[]): Promise<void> {
  await Promise.allSettled(parts);
  await Promise.all(parts);
}

/**
 * Yields the elements of `source`, and prepares at most one more while the caller works. An error of the source is
 * thrown in place of its element.
 */
export async function* oneAhead<Element>(source: AsyncGenerator<Element, void>): AsyncGenerator<Element, void> {
  let next = prepare(source);
  try {
    for (let result = await next; result.done !== true; result = await next) {
      next = prepare(source);
      yield result.value;
    }
  } finally {
    // Not awaited: the caller has left, and the element in preparation may take long to end.
    void source.return().catch(() => {});
  }
}

function prepare<Element>(source: AsyncGenerator<Element, void>): Promise<IteratorResult<Element, void>> {
  const next = source.next();
  next.catch(() => {});
  return next;
}
