import { statSync } from "node:fs";
import { join } from "node:path";
import { Failure } from "../failure.ts";
import { isServer } from "../is-server.ts";
import { type Problem, renderProblems } from "../problem.ts";
import { readRegularFile, UnreadableFile } from "../read-regular-file.ts";
import { urlSecrets } from "../server-url.ts";
import { counted } from "../text/counted.ts";

/** The variables of a `.env` file, the secrets among their values, and notices about the file. */
export interface EnvFile {
  variables: Record<string, string>;
  secrets: string[];
  notices: string[];
}

/** A line that cannot be read, counted from 1. Its message never quotes the line, which may hold a secret. */
interface LineFault {
  line: number;
  message: string;
  hint: string;
}

const assignment = /^[ \t]*(?:export[ \t]+)?([\w.-]+)[ \t]*=[ \t]*/;
const secretName = /token|secret|passw|pwd|key|credential/i;
/** Bytes, above any real file of variables. */
const largest = 100_000;

/**
 * Reads the `.env` beside a config (contract, section 2). Without one there are no variables. Throws a Failure (usage)
 * with every line that cannot be read; a file that this user may not read is a notice, because the variables may be set
 * already.
 */
export function readEnvFile(folder: string): EnvFile {
  const file = join(folder, ".env");
  const text = readText(file);
  if (typeof text !== "string") return { variables: {}, secrets: [], notices: text.notices };
  const { variables, faults } = parseEnvFile(text);
  if (faults.length > 0) {
    const problems = faults.map((fault): Problem => ({ severity: "error", file, column: 1, ...fault }));
    throw new Failure(
      "usage",
      `The file of variables has ${counted(faults.length, "problem")}.\n\n${renderProblems(problems, new Map())}`,
    );
  }
  const secrets = Object.entries(variables).flatMap(([name, value]) => {
    if (isServer(value)) return urlSecrets(value);
    return secretName.test(name) && value.length >= 8 ? [value] : [];
  });
  return { variables, secrets, notices: secrets.length > 0 ? openNotice(file) : [] };
}

function readText(file: string): string | { notices: string[] } {
  try {
    return readRegularFile(file, largest);
  } catch (error) {
    if (!(error instanceof UnreadableFile)) throw error;
    if (error.code === "ENOENT") return { notices: [] };
    if (error.code === "EACCES" || error.code === "EPERM")
      return { notices: [`${file} ${error.reason}, so its variables are not used.`] };
    throw new Failure("usage", `The file of variables ${file} ${error.reason}.`, {
      hint: "It has one NAME=value a line. Move it away if it is not meant for pipedrive-planhat.",
    });
  }
}

function openNotice(file: string): string[] {
  if (process.platform === "win32" || (statSync(file).mode & 0o077) === 0) return [];
  return [`${file} holds a secret and other users of this machine may read it: chmod 600 ${file}`];
}

/**
 * Parses `NAME=value` lines as a shell would: `export` before the name, quotation marks, and comments after a blank.
 * A quoted value may have several lines; in double ones `\n` is a line end. The last of two equal names holds.
 */
export function parseEnvFile(text: string): { variables: Record<string, string>; faults: LineFault[] } {
  const lines = text.split(/\r\n|\n|\r/);
  const variables: Record<string, string> = {};
  const faults: LineFault[] = [];
  for (let index = 0; index < lines.length; index++) {
    const line = lines[index]!;
    if (/^\s*(#|$)/.test(line)) continue;
    const [begin, name] = assignment.exec(line) ?? [];
    if (begin === undefined || name === undefined) {
      faults.push({
        line: index + 1,
        message: "This line is not NAME=value.",
        hint: "A name has letters, digits and underscores; a comment begins with #.",
      });
      continue;
    }
    const rest = line.slice(begin.length);
    const mark = /^["'`]/.exec(rest)?.[0];
    if (mark === undefined) {
      variables[name] = rest.replace(/(^|\s)#.*$/, "").trim();
      continue;
    }
    const quoted = quotedValue(lines, index, rest, mark);
    if ("message" in quoted) faults.push({ line: index + 1, ...quoted });
    else {
      variables[name] = mark === '"' ? quoted.value.replaceAll("\\n", "\n") : quoted.value;
      index = quoted.last;
    }
  }
  return { variables, faults };
}

/**
 * Returns the text of a `.env` file with a variable set to a value, which is written as given; other lines stay, and so
 * does a comment beside the value. Throws a Failure of kind `usage` if the value now goes over several lines.
 */
export function withVariable(text: string, name: string, value: string): string {
  const lines = text.split("\n");
  const at = lines.findLastIndex((line) => assignment.exec(line)?.[1] === name);
  if (at === -1) {
    const gap = text === "" || text.endsWith("\n") ? "" : "\n";
    return `${text}${gap}${name}=${value}\n`;
  }
  const line = lines[at]!;
  const begin = assignment.exec(line)![0];
  const rest = line.slice(begin.length);
  const mark = /^["'`]/.exec(rest)?.[0];
  const end = mark === undefined ? /(?:\s+#.*|\s*)$/.exec(rest)!.index : rest.indexOf(mark, 1) + 1;
  if (mark !== undefined && end === 0) {
    throw new Failure("usage", `The value of ${name} in .env goes over several lines.`, {
      hint: "Change it in the file.",
    });
  }
  return lines.with(at, `${begin}${value}${rest.slice(end)}`).join("\n");
}

/** Returns the text up to the closing mark, and the index of its line. */
function quotedValue(
  lines: readonly string[],
  first: number,
  rest: string,
  mark: string,
): { value: string; last: number } | Omit<LineFault, "line"> {
  let value = "";
  let piece = rest.slice(1);
  for (let last = first; last < lines.length; piece = lines[++last] ?? "") {
    const end = piece.indexOf(mark);
    if (end === -1) {
      value += `${piece}\n`;
      continue;
    }
    if (/^\s*(#|$)/.test(piece.slice(end + 1))) return { value: value + piece.slice(0, end), last };
    return {
      message: `Something follows the closing ${mark} of this value.`,
      hint: "Put the whole value between quotation marks that it does not contain.",
    };
  }
  return { message: `The ${mark} that opens this value is never closed.`, hint: `End the value with ${mark}.` };
}
