import type { Json, JsonObject } from "../../mapping/value.ts";

/** A search for words, in SQL and in JavaScript: both find the same. */
export interface WordPattern {
  /** The regular expression for Postgres's `~*`. */
  sql: string;
  finds(text: string): boolean;
  /** Returns the text with each word replaced. */
  replace(text: string, by: string): string;
}

/**
 * Returns the pattern of whole words, whatever their case, also as JSON and HTML write them. Undefined without words,
 * because an empty pattern would find everything.
 */
export function wordPattern(words: readonly string[]): WordPattern | undefined {
  const forms = [...new Set(words.flatMap(formsOf))].filter((form) => form !== "");
  if (forms.length === 0) return undefined;
  const any = forms.map(escaped).join("|");
  const whole = new RegExp(`(?<![\\p{L}\\p{N}])(?:${any})(?![\\p{L}\\p{N}])`, "giu");
  return {
    sql: `(^|[^[:alnum:]])(${any})($|[^[:alnum:]])`,
    finds: (text) => text.search(whole) >= 0,
    replace: (text, by) => text.replace(whole, by),
  };
}

/** Postgres folds the case of ASCII letters alone in some locales, so both cases of the others are named. */
function formsOf(word: string): string[] {
  const written = [word, JSON.stringify(word).slice(1, -1), asciiJson(word), htmlText(word)];
  return written.flatMap((form) => [form, form.toLowerCase(), form.toUpperCase()]);
}

function asciiJson(word: string): string {
  return JSON.stringify(word)
    .slice(1, -1)
    .replace(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

function htmlText(word: string): string {
  return word.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

/** Blanks as text, JSON and HTML write them. */
const blanks = "(?:\\s|\\\\[nrt]|&nbsp;|<br ?/?>)+";

function escaped(word: string): string {
  return word.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&").replace(/\s+/g, blanks);
}

/** Returns JSON without the keys and elements in which the pattern finds a word; undefined if all of it goes. */
export function withoutWords(value: Json, pattern: WordPattern): Json | undefined {
  if (typeof value === "string") return pattern.finds(value) ? undefined : value;
  if (Array.isArray(value)) return value.flatMap((one) => withoutWords(one, pattern) ?? []);
  if (value === null || typeof value !== "object") return value;
  const kept: JsonObject = {};
  for (const [key, one] of Object.entries(value)) {
    const rest = withoutWords(one, pattern);
    if (rest !== undefined) kept[key] = rest;
  }
  return kept;
}
