import type stringWidth from "string-width";
import { onDemand } from "../on-demand.ts";
import { terminalText } from "../terminal-text.ts";

const library = onDemand<{ default: typeof stringWidth }>("string-width");
/** Most texts; they need no library. */
const plain = /^[\x20-\x7e]*$/;

let segmenter: Intl.Segmenter | undefined;

/** What people see as one character each: a letter with its accents, a family of emoji. */
function charactersOf(text: string): string[] {
  segmenter ??= new Intl.Segmenter("en", { granularity: "grapheme" });
  return [...segmenter.segment(text)].map(({ segment }) => segment);
}

/** Prose is broken at this width even where the terminal is wider: longer lines are hard to read. */
const widestProse = 100;

/** Columns that a text takes on a terminal. */
export function displayWidth(text: string): number {
  if (plain.test(text)) return text.length;
  return library().default(text);
}

/** A text in one line that a terminal takes as text: control characters, which records may hold, become spaces. */
export function oneLine(text: string): string {
  return terminalText(text).replace(/[\n\t]/g, " ");
}

/** Columns of the terminal that stdout is; undefined where it is none, and lines are as long as they are. */
export function terminalWidth(): number | undefined {
  return process.stdout.isTTY === true ? (process.stdout.columns ?? 80) : undefined;
}

/** Columns that prose may take on the terminal; undefined where stdout is none. */
export function proseWidth(): number | undefined {
  const width = terminalWidth();
  return width === undefined ? undefined : Math.min(width, widestProse);
}

/** A text broken into lines between its words, none wider than `width` columns; one line where that is undefined. */
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

/** A word in pieces, none wider than `width` columns. */
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
