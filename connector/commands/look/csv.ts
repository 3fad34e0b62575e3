/** The options of CSV output. */
export interface CsvOptions {
  /**
   * True for the form of Postgres's COPY: lines end with a line feed alone, and formulas of spreadsheets stay
   * unchanged.
   */
  raw: boolean;
}

/** The mark without which Excel reads a file in the system's legacy encoding. */
export const byteOrderMark = "\ufeff";

/**
 * Starts of text that a spreadsheet may compute (OWASP, "CSV Injection"); some read the wide forms of the signs too.
 */
const formula = /^[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]/;
/** Plain numbers, which are no formulas. */
const number = /^[+-]?(?:\d+(?:[.,]\d*)?|[.,]\d+)(?:[eE][+-]?\d+)?$/;
/** Text that needs quotes (RFC 4180). `\.` alone would end COPY's input, and some readers trim blanks. */
const special = /[",\r\n]|^\s|\s$|^\\\.$|^$/;

/**
 * Returns a line of CSV with its end. NULL is an empty field and an empty text is `""`, so that COPY restores both.
 * Text that a spreadsheet would compute gets an apostrophe before it, unless it is a plain number.
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
