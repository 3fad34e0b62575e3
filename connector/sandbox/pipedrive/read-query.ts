import { fromInstant } from "../account/instant.ts";
import { validationFailed } from "./api-error.ts";

/** Parses the text of a query parameter; throws an ApiError (400) that names the parameter. */
export type Reader<T> = (text: string, name: string) => T;

/** The values of the parameters that were sent. */
export type QueryValues<Readers extends Record<string, Reader<unknown>>> = {
  [Name in keyof Readers]?: ReturnType<Readers[Name]> | undefined;
};

/**
 * Reads the parameters of a v2 endpoint. An unknown parameter is rejected by name, as is a value of the wrong type (400
 * ERR_SCHEMA_VALIDATION_FAILED). `api_token` is an old way to authenticate and always allowed.
 */
export function readQuery<Readers extends Record<string, Reader<unknown>>>(
  search: URLSearchParams,
  readers: Readers,
): QueryValues<Readers> {
  const query: Record<string, unknown> = {};
  for (const [name, text] of search) {
    if (name === "api_token") continue;
    const reader = Object.hasOwn(readers, name) ? readers[name] : undefined;
    if (reader === undefined) throw validationFailed(name, "is not allowed for this request");
    query[name] = reader(text, name);
  }
  return query as QueryValues<Readers>;
}

/** Parses a whole number of at least 1. */
export function readInteger(text: string, name: string): number {
  if (!/^[1-9]\d{0,15}$/.test(text)) throw validationFailed(name, "must be an integer");
  return Number(text);
}

/** Parses a page size from 1 to 500. */
export function readLimit(text: string, name: string): number {
  const limit = readInteger(text, name);
  if (limit > 500) throw validationFailed(name, "must be less than or equal to 500");
  return limit;
}

/** Parses `true` or `false`; v2 does not accept 1 and 0. */
export function readBoolean(text: string, name: string): boolean {
  if (text !== "true" && text !== "false") throw validationFailed(name, "must be a boolean");
  return text === "true";
}

/** Parses an RFC 3339 time in whole seconds; v2 rejects fractions and a space in place of the T. */
export function readInstant(text: string, name: string): number {
  const seconds = /T.*(Z|[+-]\d\d:\d\d)$/.test(text) ? fromInstant(text) : undefined;
  if (seconds === undefined) throw validationFailed(name, "is not a valid datetime");
  return seconds;
}

/** Returns a reader of one of these words. */
export function readWord<Word extends string>(...words: readonly Word[]): Reader<Word> {
  return (text, name) => {
    if (!words.includes(text as Word)) throw validationFailed(name, `must be one of ${words.join(", ")}`);
    return text as Word;
  };
}

/** Returns a reader of words separated by commas, each one of these. */
export function readWords<Word extends string>(...words: readonly Word[]): Reader<Word[]> {
  const reader = readWord(...words);
  return (text, name) => text.split(",").map((word) => reader(word, name));
}

/** Returns a reader of at most `most` texts separated by commas. */
export function readTexts(most: number): Reader<string[]> {
  return (text, name) => {
    const texts = text.split(",").filter((part) => part !== "");
    if (texts.length > most) throw validationFailed(name, `must contain at most ${most} items`);
    return texts;
  };
}

/** Parses at most 100 ids separated by commas. */
export function readIds(text: string, name: string): number[] {
  return readTexts(100)(text, name).map((id) => readInteger(id, name));
}
