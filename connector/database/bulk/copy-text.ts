const special = /[\\\t\n\r]/;
const escapes: Record<string, string> = { "\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r" };

/**
 * Returns a value as a field of COPY's text format (Postgres manual, "COPY", Text Format): null is `\N`, "" is empty.
 */
export function copyField(value: string | null): string {
  if (value === null) return "\\N";
  return special.test(value) ? value.replace(/[\\\t\n\r]/g, (character) => escapes[character]!) : value;
}

/** Returns UTF-8 bytes that need no escape as a field of COPY's text format; undefined if they need one. */
export function copyBytes(bytes: Buffer | undefined): Buffer | undefined {
  return bytes === undefined || Object.keys(escapes).some((character) => bytes.includes(character)) ? undefined : bytes;
}

/** Approximate bytes per chunk given to COPY. */
const chunkLength = 65_536;

/** Yields rows of COPY fields as chunks of its text format, in UTF-8. */
export function* copyChunks(rows: Iterable<readonly (string | Buffer)[]>): Generator<Buffer> {
  let pieces: Buffer[] = [];
  let length = 0;
  let text = "";
  for (const row of rows) {
    let separator = "";
    for (const field of row) {
      text += separator;
      separator = "\t";
      if (typeof field === "string") text += field;
      else {
        pieces.push(Buffer.from(text), field);
        length += field.length;
        text = "";
      }
    }
    text += "\n";
    if (length + text.length < chunkLength) continue;
    yield Buffer.concat([...pieces, Buffer.from(text)]);
    pieces = [];
    length = 0;
    text = "";
  }
  if (pieces.length > 0 || text !== "") yield Buffer.concat([...pieces, Buffer.from(text)]);
}
