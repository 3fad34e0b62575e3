/** Work that was begun before another, and what it was for. */
export interface Earlier<Element> {
  element: Element;
  /** Settles when it is done. */
  done: Promise<void>;
}

/**
 * Does `work` for each element while that for the one before is still under way: two at once, never more. Work that waits
 * for `earlier` before it commits keeps the order, and fails with it. When nothing is under way any more it returns, or
 * throws the first failure, of work or of the elements.
 */
export async function inTurn<Element>(
  elements: AsyncIterable<Element> | Iterable<Element>,
  work: (element: Element, earlier: Earlier<Element> | undefined) => Promise<void>,
): Promise<void> {
  let [last, secondLast]: (Earlier<Element> | undefined)[] = [];
  try {
    for await (const element of elements) {
      await secondLast?.done;
      secondLast = last;
      const done = work(element, last);
      done.catch(() => {});
      last = { element, done };
    }
  } finally {
    await Promise.allSettled([secondLast?.done, last?.done]);
    // Throws in place of what ended the loop where that came later.
    await secondLast?.done;
    await last?.done;
  }
}
