import { styleText } from "node:util";

/** The look of a text on a terminal, by what it means: colour is never the only thing that says so. */
export type Style = "good" | "warning" | "bad" | "quiet" | "strong";

const formats = { good: "green", warning: "yellow", bad: "red", quiet: "dim", strong: "bold" } as const;

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
  // What Node itself would decide by its stdout is decided above, for this stream.
  return styleText(formats[style], text, { validateStream: false });
}
