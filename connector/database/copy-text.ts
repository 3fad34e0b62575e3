const special = /[\\\t\n\r]/;
const escapes: Record<string, string> = { "\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r" };

/** A value as a field of COPY's text format (Postgres manual, "COPY", Text Format): null is `\N`, and "" is nothing. */
export function copyField(value: string | null): string {
  if (value === null) return "\\N";
  return special.test(value) ? value.replace(/[\\\t\n\r]/g, (character) => escapes[character]!) : value;
}

/** How much text is handed to COPY at a time. */
const chunkLength = 65_536;

/** Rows of COPY fields as chunks of its text format. */
export function* copyChunks(rows: Iterable<readonly string[]>): Generator<string> {
  let chunk = "";
  for (const row of rows) {
    chunk += `${row.join("\t")}\n`;
    if (chunk.length >= chunkLength) {
      yield chunk;
      chunk = "";
    }
  }
  if (chunk !== "") yield chunk;
}
