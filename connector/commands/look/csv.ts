/** How CSV is written. */
export interface CsvOptions {
  /** As Postgres's COPY writes it: lines end with a line feed alone, and what spreadsheets take for a formula stays. */
  raw: boolean;
}

/** Excel takes a file without this for one in the system's old encoding. */
export const byteOrderMark = "\ufeff";

/** What a spreadsheet may compute (OWASP, "CSV Injection"); some read the wide forms of the signs too. */
const formula = /^[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]/;
/** A number computes nothing. */
const number = /^[+-]?(?:\d+(?:[.,]\d*)?|[.,]\d+)(?:[eE][+-]?\d+)?$/;
/** What must stand in quotes (RFC 4180); `\.` alone would end COPY's input. Blanks at an end are taken off by some. */
const special = /[",\r\n]|^\s|\s$|^\\\.$|^$/;

/**
 * A line of CSV with its end. NULL is nothing at all and an empty text `""`, which COPY reads back as they were. A text
 * that a spreadsheet would compute gets an apostrophe before it, unless it is a plain number.
 */
export function csvLine(cells: readonly (string | null)[], { raw }: CsvOptions): string {
  const line = cells.map((cell) => (cell === null ? "" : quotedCell(raw ? cell : harmless(cell)))).join(",");
  return raw ? `${line}\n` : `${line}\r\n`;
}

function harmless(text: string): string {
  return formula.test(text) && !number.test(text) ? `'${text}` : text;
}

function quotedCell(text: string): string {
  return special.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
