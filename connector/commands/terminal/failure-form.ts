import type { LogFormat } from "../../logger.ts";

/** The output format of failures, from the command line. */
export interface FailureForm {
  /** Adds one JSON document on stdout. */
  json: boolean;
  /** The format of the line on stderr. */
  log: LogFormat;
}

/** Verbs whose stdout belongs to a protocol with its own failure message. */
const protocolVerbs: ReadonlySet<string> = new Set(["spec", "check", "discover", "read", "write"]);

/** Returns the format from the raw words, because a command line that cannot be parsed fails too. */
export function failureForm(words: readonly string[]): FailureForm {
  const end = words.indexOf("--");
  const options = end === -1 ? words : words.slice(0, end);
  let log: LogFormat = "text";
  for (const [index, word] of options.entries()) {
    const value = word === "--log-format" ? options[index + 1] : /^--log-format=(.*)$/.exec(word)?.[1];
    if (value === "json" || value === "text") log = value;
  }
  return { json: options.includes("--json") && !options.some((word) => protocolVerbs.has(word)), log };
}
