import type stringWidth from "string-width";
import { onDemand } from "../../on-demand.ts";
import { terminalText } from "../../text/terminal-text.ts";

const library = onDemand<{ default: typeof stringWidth }>("string-width");
/** Printable ASCII, which most texts are: its width needs no library. */
const plain = /^[\x20-\x7e]*$/;

let segmenter: Intl.Segmenter | undefined;

/** Returns the graphemes of a text: a letter with its accents, a family of emoji. */
function charactersOf(text: string): string[] {
  segmenter ??= new Intl.Segmenter("en", { granularity: "grapheme" });
  return [...segmenter.segment(text)].map(({ segment }) => segment);
}

/** Width at which prose is broken even on a wider terminal: longer lines are hard to read. */
const widestProse = 100;

/** Returns the number of columns of a text on a terminal. */
export function displayWidth(text: string): number {
  if (plain.test(text)) return text.length;
  return library().default(text);
}

/**
 * Returns a text in one line that is safe for a terminal: control characters, which records may contain, become spaces.
 */
export function oneLine(text: string): string {
  return terminalText(text).replace(/[\n\t]/g, " ");
}

/** Returns the width of the terminal on stdout; undefined if stdout is not a terminal, and lines are not broken. */
export function terminalWidth(): number | undefined {
  return process.stdout.isTTY === true ? (process.stdout.columns ?? 80) : undefined;
}

/** Returns the width of prose on the terminal; undefined if stdout is not a terminal. */
export function proseWidth(): number | undefined {
  const width = terminalWidth();
  return width === undefined ? undefined : Math.min(width, widestProse);
}

/** Breaks a text between words into lines of at most `width` columns; one line if `width` is undefined. */
export function wrap(text: string, width: number | undefined): string[] {
  if (width === undefined || displayWidth(text) <= width) return [text];
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ").flatMap((long) => cut(long, width))) {
    const longer = line === "" ? word : `${line} ${word}`;
    if (displayWidth(longer) <= width) line = longer;
    else {
      lines.push(line);
      line = word;
    }
  }
  return [...lines, line];
}

/** Cuts a word into pieces of at most `width` columns. */
function cut(word: string, width: number): string[] {
  if (displayWidth(word) <= width) return [word];
  const pieces: string[] = [];
  let piece = "";
  for (const character of charactersOf(word)) {
    if (piece !== "" && displayWidth(piece + character) > width) {
      pieces.push(piece);
      piece = "";
    }
    piece += character;
  }
  return [...pieces, piece];
}
