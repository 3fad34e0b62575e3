import { counted } from "./text/counted.ts";
import { terminalText } from "./text/terminal-text.ts";

/** One fault in a file that users edit (config or mapping). Lines and columns count from 1. */
export interface Problem {
  severity: "error" | "warning";
  /** The file by the name that the user gave. */
  file: string;
  line: number;
  column: number;
  /** The fault and the expectation, as a sentence. */
  message: string;
  /** The hint: the nearest valid word, or the line to paste. */
  hint?: string;
}

/** Formats the severity of a problem and the caret below its place: a terminal may colour them. */
export type Emphasis = (text: string, severity: Problem["severity"]) => string;

/** Problems shown together: a user reads no more, and a file of another format has one on each line. */
const mostShown = 100;

/**
 * Returns problems as text for a terminal: `file:line:col`, the message, the line with a caret below the place, the
 * hint. `sources` holds each file's text by the name in the problems. Above a hundred problems the rest is only
 * counted.
 */
export function renderProblems(
  problems: readonly Problem[],
  sources: ReadonlyMap<string, string>,
  emphasize: Emphasis = (text) => text,
): string {
  const lines = new Map([...sources].map(([file, text]) => [file, text.split(/\r?\n/)]));
  const shown = problems
    .slice(0, mostShown)
    .map((problem) => renderProblem(problem, lines.get(problem.file)?.[problem.line - 1], emphasize));
  const more = problems.length - shown.length;
  if (more > 0) shown.push(`… and ${counted(more, "more problem")}. Fix these first.`);
  return shown.join("\n\n");
}

/** Characters of a line shown around the place; a file of one line may have a million. */
const longestLine = 240;

function renderProblem(problem: Problem, whole: string | undefined, emphasize: Emphasis): string {
  const { file, line, column, severity, message } = problem;
  const lines = [`${file}:${line}:${column}: ${emphasize(severity, severity)}: ${message}`];
  if (whole !== undefined) {
    const gutter = `${problem.line} | `;
    const start = whole.length <= longestLine ? 0 : Math.max(0, column - 1 - longestLine / 2);
    const text = terminalText(whole.slice(start, start + longestLine));
    // Tabs before the caret are kept, so that it stands below its character at any tab width.
    const indent = text.slice(0, column - 1 - start).replace(/[^\t]/g, " ");
    lines.push(`  ${gutter}${text}`, `  ${" ".repeat(gutter.length)}${indent}${emphasize("^", severity)}`);
  }
  if (problem.hint !== undefined) lines.push(`  ${problem.hint}`);
  return lines.join("\n");
}
