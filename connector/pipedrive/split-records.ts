import type { Json } from "../mapping/value.ts";

const beginning = Buffer.from('"data":[{"id":');
/** How the API separates the records of a list: every record begins with its id. */
const separator = Buffer.from('},{"id":');

/**
 * The JSON of each record of a page, as the very bytes that came, cut at the places where a record seems to begin; or
 * undefined where that gives anything but the records that were parsed. Far cheaper than following the text, or writing
 * the records anew; whoever needs certainty of a single text uses `cutElements`.
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
    // An id may be anything, also an object that is no text.
    const head = `{"id":${JSON.stringify((record as { id?: Json } | null)?.id)},`;
    if (pieces[index]!.toString("latin1", 0, head.length) !== head) return undefined;
  }
  return pieces;
}

/** The last record within the rest of the page: up to the array's end, found by parsing what it gives. */
function lastRecord(rest: Buffer): Buffer | undefined {
  for (let at = rest.indexOf("}]"); at !== -1; at = rest.indexOf("}]", at + 1)) {
    const record = rest.subarray(0, at + 1);
    try {
      JSON.parse(record.toString());
      return record;
    } catch {
      // That was the end of a list inside the record.
    }
  }
  return undefined;
}
