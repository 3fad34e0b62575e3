/** How much JSON one parameter holds: a jsonb or json value may not exceed 255 MB, and memory is better spent. */
const longestBatch = 8_000_000;

/**
 * Items, each with its JSON text, in batches that one statement takes: of at most `most` items and some megabytes of
 * text (one item alone may be longer). Each batch is one JSON array.
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
