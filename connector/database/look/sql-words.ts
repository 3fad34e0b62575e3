/** A token of a statement that is not a blank, comment or string. */
export interface SqlToken {
  /** A name or keyword as Postgres reads it (in lower case, or as quoted), or one sign. */
  text: string;
  /** The kind of token. A name in code points (`U&"\\0061"`) is not decoded: its kind is `coded`. */
  kind: "word" | "quoted" | "sign" | "coded";
  /** Its start, in UTF-16 units. */
  at: number;
}

const blank = /\s+|--[^\n\r]*/y;
/** A string with backslash escapes, up to its last part; a continuation on another line belongs to it. */
const escaped = /[eE]'[^'\\]*(?:(?:\\[\s\S]|'')[^'\\]*)*(?:'|$)/y;
const escapedRest =
  /(?:[ \t\f\v]|--[^\n\r]*)*[\n\r](?:\s|--[^\n\r]*[\n\r])*'[^'\\]*(?:(?:\\[\s\S]|'')[^'\\]*)*(?:'|$)/y;
const string = /(?:[uU]&)?'[^']*(?:''[^']*)*(?:'|$)/y;
const dollar = /\$(?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$/y;
const coded = /[uU]&(?=")/y;
const quoted = /"([^"]*(?:""[^"]*)*)(?:"|$)/y;
const word = /[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*/y;
const number = /\d+/y;

/**
 * Splits a statement into words and signs, without blanks, comments and strings. It follows Postgres's lexer with
 * `standard_conforming_strings`, where backslashes in plain strings are literal.
 */
export function sqlTokens(sql: string): SqlToken[] {
  const tokens: SqlToken[] = [];
  let at = 0;
  const take = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    const found = pattern.exec(sql);
    if (found !== null) at += found[0].length;
    return found;
  };
  while (at < sql.length) {
    if (take(blank) !== null) continue;
    if (sql.startsWith("/*", at)) {
      at = endOfComment(sql, at);
      continue;
    }
    if (take(escaped) !== null) {
      while (take(escapedRest) !== null);
      continue;
    }
    if (take(string) !== null || take(number) !== null) continue;
    const start = at;
    const tag = take(dollar);
    if (tag !== null) {
      const end = sql.indexOf(tag[0], at);
      at = end === -1 ? sql.length : end + tag[0].length;
      continue;
    }
    if (take(coded) !== null) tokens.push({ text: "U&", kind: "coded", at: start });
    const name = take(quoted);
    if (name !== null) {
      tokens.push({ text: name[1]!.replaceAll('""', '"'), kind: "quoted", at: start });
      continue;
    }
    const plain = take(word);
    if (plain !== null) {
      // Postgres folds ASCII letters only.
      const text = plain[0].replace(/[A-Z]/g, (letter) => letter.toLowerCase());
      tokens.push({ text, kind: "word", at: start });
      continue;
    }
    tokens.push({ text: sql[at]!, kind: "sign", at });
    at++;
  }
  return tokens;
}

/** Returns the end of a comment; comments can be nested. */
function endOfComment(sql: string, start: number): number {
  const mark = /\/\*|\*\//g;
  mark.lastIndex = start;
  let depth = 0;
  for (let found = mark.exec(sql); found !== null; found = mark.exec(sql)) {
    depth += found[0] === "/*" ? 1 : -1;
    if (depth === 0) return mark.lastIndex;
  }
  return sql.length;
}
