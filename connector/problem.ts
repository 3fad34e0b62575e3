import { terminalText } from "./terminal-text.ts";

/** One thing wrong in a file that a person edits (config or mapping). Lines and columns count from 1. */
export interface Problem {
  severity: "error" | "warning";
  /** The file as the person named it. */
  file: string;
  line: number;
  column: number;
  /** What is wrong and what was expected, as a sentence. */
  message: string;
  /** The way out: the nearest valid word, or the line to paste. */
  hint?: string;
}

/** Sets off the words that say how bad a problem is, and the caret that says where: a terminal may colour them. */
export type Emphasis = (text: string, severity: Problem["severity"]) => string;

/**
 * Problems as text for a terminal: `file:line:col`, the message, the line with a caret below the place, the hint.
 * `sources` holds each file's text by the name the problems use.
 */
export function renderProblems(
  problems: readonly Problem[],
  sources: ReadonlyMap<string, string>,
  emphasize: Emphasis = (text) => text,
): string {
  return problems.map((problem) => renderProblem(problem, sources.get(problem.file), emphasize)).join("\n\n");
}

/** Characters of a line that are shown around the place; a file of one line may have a million. */
const longestLine = 240;

function renderProblem(problem: Problem, source: string | undefined, emphasize: Emphasis): string {
  const { file, line, column, severity, message } = problem;
  const lines = [`${file}:${line}:${column}: ${emphasize(severity, severity)}: ${message}`];
  const whole = source?.split(/\r?\n/)[problem.line - 1];
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
