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
