import { Failure } from "../../failure.ts";
import { sqlTokens } from "./sql-words.ts";
import { mistakeAt, onlyReads, writingWords } from "./statement-failure.ts";

/** A statement that appears to read only. The read-only transaction enforces it. */
export interface ReadableStatement {
  sql: string;
  /** True if it returns rows, which a cursor reads in batches; EXPLAIN and SHOW answer in one piece. */
  rows: boolean;
  /** Each name and keyword in it once. */
  words: readonly string[];
}

/** Commands that EXPLAIN ANALYZE would execute, besides reads and those that the transaction refuses. */
const makes = new Set(["create", "refresh", "execute", "declare"]);

/**
 * Checks a statement before it is sent. Throws a Failure of kind `usage` if there is none, more than one, or one that
 * begins with a command which does not read.
 */
export function readableStatement(sql: string): ReadableStatement {
  const nul = sql.indexOf("\0");
  if (nul !== -1) throw mistakeAt(sql, nul, "The statement contains a NUL character, which Postgres rejects.");
  const tokens = sqlTokens(sql);
  const end = tokens.findIndex(({ text, kind }) => kind === "sign" && text === ";");
  const after = end === -1 ? undefined : tokens.slice(end).find(({ text }) => text !== ";");
  const first = tokens.find(({ text, kind }) => kind !== "sign" || (text !== "(" && text !== ";"));
  if (first === undefined) throw new Failure("usage", "There is no statement.", { hint: onlyReads });
  if (after !== undefined) throw mistakeAt(sql, after.at, "The input has more than one statement.", onlyReads);
  if (first.kind === "word" && writingWords.has(first.text)) {
    throw mistakeAt(sql, first.at, `${first.text.toUpperCase()} is not a reading statement.`, onlyReads);
  }
  // A read-only transaction does not refuse these, because the rollback undoes them.
  const made =
    first.text === "explain" ? tokens.find(({ text, kind }) => kind === "word" && makes.has(text)) : undefined;
  if (made !== undefined)
    throw mistakeAt(sql, made.at, `${made.text.toUpperCase()} is not a reading statement.`, onlyReads);
  const coded = tokens.find(({ kind }) => kind === "coded");
  if (coded !== undefined) throw mistakeAt(sql, coded.at, 'query takes no names of code points (U&"…").', onlyReads);
  const words = [...new Set(tokens.filter(({ kind }) => kind !== "sign").map(({ text }) => text))];
  return { sql, rows: first.text !== "explain" && first.text !== "show", words };
}
