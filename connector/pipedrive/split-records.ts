import type { Json } from "../mapping/value.ts";

/** How the API separates the records of a list: every record begins with its id. */
const separator = '},{"id":';

/**
 * The JSON text of each record of a page, cut at the places where a record seems to begin, or undefined where that gives
 * anything but the records that were parsed. Far cheaper than following the text; whoever needs certainty of a single
 * text uses `cutElements`.
 */
export function splitRecords(text: string, records: readonly Json[]): string[] | undefined {
  const start = text.indexOf('"data":[{"id":');
  if (start === -1 || records.length === 0) return undefined;
  const pieces = text.slice(start + '"data":['.length).split(separator);
  if (pieces.length !== records.length) return undefined;
  const last = pieces.length - 1;
  const end = endOfLast(pieces[last]!, last === 0 ? "" : '{"id":');
  if (end === undefined) return undefined;
  pieces[last] = pieces[last]!.slice(0, end);
  for (const [index, record] of records.entries()) {
    const piece = `${index === 0 ? "" : '{"id":'}${pieces[index]}${index === last ? "" : "}"}`;
    if (!piece.startsWith(`{"id":${(record as { id?: Json } | null)?.id},`)) return undefined;
    pieces[index] = piece;
  }
  return pieces;
}

/** Where the last record ends within the rest of the page: before the array's end, found by parsing what it gives. */
function endOfLast(rest: string, beginning: string): number | undefined {
  for (let at = rest.indexOf("}]"); at !== -1; at = rest.indexOf("}]", at + 1)) {
    try {
      JSON.parse(beginning + rest.slice(0, at + 1));
      return at + 1;
    } catch {
      // That was the end of a list inside the record.
    }
  }
  return undefined;
}
