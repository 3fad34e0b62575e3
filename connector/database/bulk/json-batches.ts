/** JSON characters per parameter: a jsonb or json value is limited to 255 MB, and a batch must stay small in memory. */
const longestBatch = 8_000_000;

/**
 * Yields items, by their JSON text, in batches for one statement: at most `most` items and some megabytes (a single
 * item may be longer). Each batch is one JSON array.
 */
export function* jsonBatches<Item>(
  items: Iterable<Item>,
  most: number,
  toJson: (item: Item) => string,
): Generator<string> {
  let texts: string[] = [];
  let length = 0;
  for (const item of items) {
    const text = toJson(item);
    if (texts.length > 0 && (texts.length >= most || length + text.length > longestBatch)) {
      yield `[${texts.join(",")}]`;
      texts = [];
      length = 0;
    }
    texts.push(text);
    length += text.length;
  }
  if (texts.length > 0) yield `[${texts.join(",")}]`;
}
