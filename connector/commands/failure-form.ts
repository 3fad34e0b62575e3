import type { LogFormat } from "../logger.ts";

/** How the command line wants failures told. */
export interface FailureForm {
  /** As one JSON document on stdout, too. */
  json: boolean;
  /** How the line on stderr looks. */
  log: LogFormat;
}

/** Verbs whose stdout belongs to a protocol that has its own way to tell a failure. */
const protocolVerbs: ReadonlySet<string> = new Set(["spec", "check", "discover", "read", "write"]);

/** Reads it from the words of the command line, because one that cannot be parsed fails too. */
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
