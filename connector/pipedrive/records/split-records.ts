import type { Json } from "../../mapping/value.ts";

const beginning = Buffer.from('"data":[{"id":');
/** The text between the records of a list: every record begins with its id. */
const separator = Buffer.from('},{"id":');

/**
 * Returns the JSON of each record of a page, as the very bytes received, cut where a record seems to begin. Undefined
 * if the pieces do not match the parsed records. That is far cheaper than following the text, or than writing the
 * records again. For certainty about a single text use `cutElements`.
 */
export function splitRecords(page: Buffer, records: readonly Json[]): Buffer[] | undefined {
  const data = page.indexOf(beginning);
  if (data === -1 || records.length === 0) return undefined;
  const pieces: Buffer[] = [];
  let start = data + '"data":['.length;
  for (let at = page.indexOf(separator, start); at !== -1; at = page.indexOf(separator, at)) {
    pieces.push(page.subarray(start, at + 1));
    at += "},".length;
    start = at;
    if (pieces.length === records.length) return undefined;
  }
  const last = lastRecord(page.subarray(start));
  if (last === undefined || pieces.push(last) !== records.length) return undefined;
  for (const [index, record] of records.entries()) {
    // An id can be any JSON value, even an object.
    const head = `{"id":${JSON.stringify((record as { id?: Json } | null)?.id)},`;
    if (pieces[index]!.toString("latin1", 0, head.length) !== head) return undefined;
  }
  return pieces;
}

/** Returns the last record in the rest of the page: it ends with the array, and parsing finds the end. */
function lastRecord(rest: Buffer): Buffer | undefined {
  for (let at = rest.indexOf("}]"); at !== -1; at = rest.indexOf("}]", at + 1)) {
    const record = rest.subarray(0, at + 1);
    try {
      JSON.parse(record.toString());
      return record;
    } catch {
      // This was the end of a list inside the record.
    }
  }
  return undefined;
}
