import { Failure } from "../../failure.ts";
import { sqlTokens } from "./sql-words.ts";
import { mistakeAt, onlyReads, writingWords } from "./statement-failure.ts";

/** A statement that seems to read alone. That it does is seen to by the transaction, which is read-only. */
export interface ReadableStatement {
  sql: string;
  /** True where it asks for rows, which a cursor gives piece by piece; EXPLAIN and SHOW answer at once. */
  rows: boolean;
  /** Each name and keyword in it once. */
  words: readonly string[];
}

/** What EXPLAIN ANALYZE would carry out, besides what reads and what the transaction refuses. */
const makes = new Set(["create", "refresh", "execute", "declare"]);

/**
 * Looks at a statement before it is sent. Throws a Failure of kind `usage` where there is none, more than one, or one
 * that begins with a command which does not read.
 */
export function readableStatement(sql: string): ReadableStatement {
  const nul = sql.indexOf("\0");
  if (nul !== -1) throw mistakeAt(sql, nul, "The statement holds a NUL character, which Postgres cannot take.");
  const tokens = sqlTokens(sql);
  const end = tokens.findIndex(({ text, kind }) => kind === "sign" && text === ";");
  const after = end === -1 ? undefined : tokens.slice(end).find(({ text }) => text !== ";");
  const first = tokens.find(({ text, kind }) => kind !== "sign" || (text !== "(" && text !== ";"));
  if (first === undefined) throw new Failure("usage", "There is no statement.", { hint: onlyReads });
  if (after !== undefined) throw mistakeAt(sql, after.at, "There is more than one statement.", onlyReads);
  if (first.kind === "word" && writingWords.has(first.text)) {
    throw mistakeAt(sql, first.at, `${first.text.toUpperCase()} is no way of reading.`, onlyReads);
  }
  // Read-only transactions leave it to what is rolled back.
  const made =
    first.text === "explain" ? tokens.find(({ text, kind }) => kind === "word" && makes.has(text)) : undefined;
  if (made !== undefined) throw mistakeAt(sql, made.at, `${made.text.toUpperCase()} is no way of reading.`, onlyReads);
  const coded = tokens.find(({ kind }) => kind === "coded");
  if (coded !== undefined) throw mistakeAt(sql, coded.at, 'query takes no names of code points (U&"…").', onlyReads);
  const words = [...new Set(tokens.filter(({ kind }) => kind !== "sign").map(({ text }) => text))];
  return { sql, rows: first.text !== "explain" && first.text !== "show", words };
}
