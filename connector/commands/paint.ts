/** The look of a text on a terminal, by what it means: colour is never the only thing that says so. */
export type Style = "good" | "warning" | "bad" | "quiet" | "strong";

/** ANSI codes that begin and end each style (ECMA-48, Select Graphic Rendition). */
const codes: Readonly<Record<Style, readonly [number, number]>> = {
  good: [32, 39],
  warning: [33, 39],
  bad: [31, 39],
  quiet: [2, 22],
  strong: [1, 22],
};

/** What decides whether colours are shown: a stream that may be a terminal, and the environment. */
export interface Screen {
  stream: { isTTY?: boolean | undefined };
  environment: Readonly<Record<string, string | undefined>>;
}

/**
 * Whether colours are shown: only on a terminal that knows them. NO_COLOR (not empty) takes them away and FORCE_COLOR
 * brings them back, also where nothing is a terminal; 0 or false there means none (no-color.org, force-color.org).
 */
export function showsColours({ stream, environment }: Screen): boolean {
  const { FORCE_COLOR: force = "", NO_COLOR: none = "", TERM: terminal } = environment;
  if (force !== "") return force !== "0" && force !== "false";
  return none === "" && stream.isTTY === true && terminal !== "dumb";
}

/** A text in a style where colours are shown, and as it is where they are not, or where there is no style. */
export function paint(text: string, style: Style | undefined, stream: Screen["stream"] = process.stdout): string {
  if (style === undefined || text === "" || !showsColours({ stream, environment: process.env })) return text;
  const [begin, end] = codes[style];
  return `\x1b[${begin}m${text}\x1b[${end}m`;
}
