import type * as Re2 from "re2js";
import { onDemand } from "../on-demand.ts";

/** A pattern whose test takes time proportional to the text's length, whatever the pattern and the text. */
export interface Pattern {
  test(text: string): boolean;
}

const engine = onDemand<typeof Re2>("re2js");

/**
 * Compiles a regular expression of RE2's language; `(?i)` in front ignores case. Without look-around and
 * back-references there is nothing to backtrack, so no text makes it hang. `\s` matches every blank, as in JavaScript.
 * Returns the fault of an invalid pattern as the end of a sentence.
 */
export function safePattern(source: string): Pattern | { fault: string } {
  try {
    return engine().RE2JS.compile(withEveryBlank(source));
  } catch (error) {
    const { error: kind, input } = error as { error?: string; input?: string };
    if (kind === undefined) throw error;
    return { fault: faultOf(kind, input ?? "") };
  }
}

/**
 * The characters of JavaScript's `\s` (ECMAScript, "WhiteSpace"): RE2's is ASCII alone, and records hold no-break
 * spaces.
 */
const blanks = String.raw`\s\v\p{Z}\x{FEFF}`;

function withEveryBlank(source: string): string {
  let isInClass = false;
  return source.replace(/\\[\s\S]|\[:\^?\w+:\]|[[\]]/g, (part) => {
    if (part === "[") isInClass = true;
    else if (part === "]") isInClass = false;
    else if (part === String.raw`\s`) return isInClass ? blanks : `[${blanks}]`;
    else if (part === String.raw`\S` && !isInClass) return `[^${blanks}]`;
    return part;
  });
}

/** Describes the fault, by the engine's name for it and the part of the pattern that it quotes. */
function faultOf(kind: string, part: string): string {
  switch (kind) {
    case "missing closing )":
      return "has a `(` without its `)`";
    case "unexpected )":
      return "has a `)` without its `(`";
    case "missing closing ]":
      return "has a `[` without its `]`";
    case "missing argument to repetition operator":
      return `repeats nothing with \`${part}\``;
    case "invalid nested repetition operator":
      return `repeats a repetition with \`${part}\`; put it in a group`;
    case "invalid repeat count":
      return `repeats too often, or from more to less, with \`${part}\`; the most is 1000`;
    case "invalid character class range":
      return `has no such class or range as \`${part}\``;
    case "trailing backslash at end of expression":
      return "ends with a `\\` that nothing follows";
    case "expression nests too deeply":
      return "has too many groups inside each other";
    case "invalid escape sequence":
      return /^\\[1-9]/.test(part)
        ? `looks back to a group with \`${part}\`, which patterns here do not`
        : `has no such sign as \`${part}\``;
    default:
      return /^\(\?<?[=!]/.test(part)
        ? `looks around with \`${part.slice(0, 4)}\`, which patterns here do not`
        : `cannot be read at \`${part}\` (${kind})`;
  }
}
