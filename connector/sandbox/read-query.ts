import { validationFailed } from "./api-error.ts";
import { fromInstant } from "./instant.ts";

/** Turns the text of a query parameter into its value; throws an ApiError (400) that names the parameter. */
export type Reader<T> = (text: string, name: string) => T;

/** The values of the parameters that were sent. */
export type Query<Readers extends Record<string, Reader<unknown>>> = {
  [Name in keyof Readers]?: ReturnType<Readers[Name]> | undefined;
};

/**
 * Reads the parameters of a v2 endpoint. One that the endpoint does not know is refused by name, as is a value of the
 * wrong type (400 ERR_SCHEMA_VALIDATION_FAILED). `api_token` is an old way to authenticate and always allowed.
 */
export function readQuery<Readers extends Record<string, Reader<unknown>>>(
  search: URLSearchParams,
  readers: Readers,
): Query<Readers> {
  const query: Record<string, unknown> = {};
  for (const [name, text] of search) {
    if (name === "api_token") continue;
    const reader = Object.hasOwn(readers, name) ? readers[name] : undefined;
    if (reader === undefined) throw validationFailed(name, "is not allowed for this request");
    query[name] = reader(text, name);
  }
  return query as Query<Readers>;
}

/** A whole number of at least 1. */
export function readInteger(text: string, name: string): number {
  if (!/^[1-9]\d{0,15}$/.test(text)) throw validationFailed(name, "must be an integer");
  return Number(text);
}

/** A page size from 1 to 500. */
export function readLimit(text: string, name: string): number {
  const limit = readInteger(text, name);
  if (limit > 500) throw validationFailed(name, "must be less than or equal to 500");
  return limit;
}

/** `true` or `false`; v2 knows no 1 and 0. */
export function readBoolean(text: string, name: string): boolean {
  if (text !== "true" && text !== "false") throw validationFailed(name, "must be a boolean");
  return text === "true";
}

/** An RFC 3339 time in whole seconds; v2 refuses fractions and a space in place of the T. */
export function readInstant(text: string, name: string): number {
  const seconds = /T.*(Z|[+-]\d\d:\d\d)$/.test(text) ? fromInstant(text) : undefined;
  if (seconds === undefined) throw validationFailed(name, "is not a valid datetime");
  return seconds;
}

/** One of these words. */
export function readWord<Word extends string>(...words: readonly Word[]): Reader<Word> {
  return (text, name) => {
    if (!words.includes(text as Word)) throw validationFailed(name, `must be one of ${words.join(", ")}`);
    return text as Word;
  };
}

/** Words separated by commas, each one of these. */
export function readWords<Word extends string>(...words: readonly Word[]): Reader<Word[]> {
  const reader = readWord(...words);
  return (text, name) => text.split(",").map((word) => reader(word, name));
}

/** At most `most` texts separated by commas. */
export function readTexts(most: number): Reader<string[]> {
  return (text, name) => {
    const texts = text.split(",").filter((part) => part !== "");
    if (texts.length > most) throw validationFailed(name, `must contain at most ${most} items`);
    return texts;
  };
}

/** At most 100 ids separated by commas. */
export function readIds(text: string, name: string): number[] {
  return readTexts(100)(text, name).map((id) => readInteger(id, name));
}
