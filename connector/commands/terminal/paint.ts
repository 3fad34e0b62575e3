import { styleText } from "node:util";

/** The meaning of a text, which sets its look on a terminal; the wording always says it too. */
export type Style = "good" | "warning" | "bad" | "quiet" | "strong";

const formats = { good: "green", warning: "yellow", bad: "red", quiet: "dim", strong: "bold" } as const;

/** The inputs that decide about colours: a stream that may be a terminal, and the environment. */
export interface Screen {
  stream: { isTTY?: boolean | undefined };
  environment: Readonly<Record<string, string | undefined>>;
}

/**
 * Returns whether colours are shown: only on a terminal that supports them. A non-empty NO_COLOR turns them off.
 * FORCE_COLOR turns them on, also without a terminal; its values 0 and false turn them off (no-color.org,
 * force-color.org).
 */
export function showsColours({ stream, environment }: Screen): boolean {
  const { FORCE_COLOR: force = "", NO_COLOR: none = "", TERM: terminal } = environment;
  if (force !== "") return force !== "0" && force !== "false";
  return none === "" && stream.isTTY === true && terminal !== "dumb";
}

/** Returns a text in a style if colours are shown; otherwise, or without a style, unchanged. */
export function paint(text: string, style: Style | undefined, stream: Screen["stream"] = process.stdout): string {
  if (style === undefined || text === "" || !showsColours({ stream, environment: process.env })) return text;
  // Node would decide by its own stdout; `showsColours` has decided for this stream.
  return styleText(formats[style], text, { validateStream: false });
}
