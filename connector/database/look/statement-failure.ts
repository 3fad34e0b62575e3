import { Failure } from "../../failure.ts";
import { renderProblems } from "../../problem.ts";

/** The hint that lists the accepted statements. */
export const onlyReads = "query takes one SELECT, WITH, VALUES, TABLE, EXPLAIN or SHOW, and changes nothing.";

/** Commands that a statement may contain and that do not read. */
export const writingWords: ReadonlySet<string> = new Set(
  `abort alter analyze begin call checkpoint close cluster comment commit copy create deallocate declare
   delete discard do drop end execute fetch grant import insert listen load lock merge move notify prepare
   reassign refresh reindex release repack reset revoke rollback savepoint security set start truncate
   unlisten update vacuum wait`.split(/\s+/),
);

/**
 * Returns a mistake in a statement as a Failure that shows the line, with a caret below the place (UTF-16 units from
 * 0).
 */
export function mistakeAt(sql: string, at: number, message: string, hint?: string): Failure {
  const before = sql.slice(0, at).split(/\r?\n/);
  const problem = {
    severity: "error" as const,
    file: "statement",
    line: before.length,
    column: before.at(-1)!.length + 1,
    message,
  };
  return new Failure("usage", renderProblems([problem], new Map([["statement", sql]])), { hint });
}

/** Postgres's error about a statement. */
export interface StatementError extends Error {
  /** Postgres's five-character code (manual, appendix A). */
  code: string;
  severity: string;
  /** In characters, from 1. */
  position?: string;
  detail?: string;
  hint?: string;
}

/** Returns whether Postgres itself sent the error, rather than the connection to it. */
export function isStatementError(error: unknown): error is StatementError {
  return error instanceof Error && typeof (error as Partial<StatementError>).severity === "string";
}

/**
 * Turns Postgres's error about a statement into a Failure of kind `usage`. The statement was sent behind `before`
 * characters.
 */
export function statementFailure(error: StatementError, sql: string, before: number): Failure {
  const { code, message, detail } = error;
  const place = Number(error.position ?? 0) - 1 - before;
  const at = place < 0 ? undefined : unitsOf(sql, place);
  const told = (text: string, hint?: string) =>
    at === undefined ? new Failure("usage", text, { hint }) : mistakeAt(sql, Math.min(at, sql.length), text, hint);
  const word = at === undefined ? undefined : /^\w+/.exec(sql.slice(at))?.[0];
  if (code === "42601" && word !== undefined && writingWords.has(word.toLowerCase())) {
    return told(`${word.toUpperCase()} is not a reading statement.`, onlyReads);
  }
  if (code === "25006") return told(`The statement would write (${message}).`, onlyReads);
  // Messages of `declare cursor`.
  if (/\bINTO is not allowed here|DECLARE CURSOR must not specify INTO/.test(message)) {
    return told("SELECT INTO makes a table.", onlyReads);
  }
  if (message.startsWith("DECLARE CURSOR must not")) return told("A WITH of this statement writes.", onlyReads);
  if (code === "08P01" || code === "42P02") {
    return told("The statement has parameters ($1), and query gives it none.", "Write the values in their place.");
  }
  if (code === "22P05") {
    return told(
      "A text in JSON holds a NUL character (\\u0000), which a text of Postgres cannot.",
      "Ask for it as JSON: with -> in place of ->>, or the whole column.",
    );
  }
  if (code === "42P01" && error.hint === undefined) {
    return told(
      `${message[0]?.toUpperCase()}${message.slice(1)}.`,
      "A table is named with its schema: planhat.companies, pipedrive.deals, connector.runs.",
    );
  }
  const more = detail === undefined ? "" : ` (${detail})`;
  return told(`${message[0]?.toUpperCase()}${message.slice(1)}${more}.`, error.hint);
}

/** Returns the UTF-16 length of a text's first characters (code points). */
function unitsOf(text: string, characters: number): number {
  let units = 0;
  for (let left = characters; left > 0 && units < text.length; left--)
    units += text.codePointAt(units)! > 0xffff ? 2 : 1;
  return units;
}
