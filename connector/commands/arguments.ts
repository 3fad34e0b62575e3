import { Argument, InvalidArgumentError } from "commander";
import { type StreamName, streamNames } from "../stream-name.ts";
import { didYouMean, nearestWord } from "../text/nearest-word.ts";

/** Reads a whole number from 0 on. */
export function wholeNumber(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new InvalidArgumentError("It must be a whole number.");
  return Number(text);
}

/** Reads a port. */
export function portNumber(text: string): number {
  const port = wholeNumber(text);
  if (port > 65_535) throw new InvalidArgumentError("It must be a port, 0 to 65535.");
  return port;
}

/** Reads the id of an organization and appends it to the previous ones. */
export function collectId(text: string, ids: number[] = []): number[] {
  const id = wholeNumber(text);
  if (id === 0) throw new InvalidArgumentError("It must be the id of an organization, a whole number above 0.");
  return [...ids, id];
}

/** Appends a text to the previous ones. */
export function collect(text: string, texts: string[] = []): string[] {
  return [...texts, text];
}

/** Reads names and ids of pipelines, apart by commas. */
export function pipelineNames(text: string): (string | number)[] {
  const names = text.split(",").map((name) => name.trim());
  if (names.includes("")) throw new InvalidArgumentError("It must be names or ids, apart by commas: Sales,3.");
  return names.map((name) => (/^\d{1,15}$/.test(name) ? Number(name) : name));
}

/** Reads one of the given words. */
export function oneOf(text: string, words: readonly string[]): string {
  if (words.includes(text)) return text;
  const near = nearestWord(text, words);
  throw new InvalidArgumentError(
    near === undefined ? `It must be one of: ${words.join(", ")}.` : didYouMean(text, near, near),
  );
}

/** Reads a day or an instant; a day is its beginning in UTC. */
export function pointInTime(text: string): string {
  const time = /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(time))
    throw new InvalidArgumentError("It must be a day or an instant, as 2026-11-30 or 2026-11-30T08:00Z.");
  return new Date(time).toISOString();
}

/** Reads the name of a time zone. */
export function timeZone(text: string): string {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: text }).resolvedOptions().timeZone;
  } catch {
    throw new InvalidArgumentError("It must be a time zone, as Europe/Tallinn or America/Los_Angeles.");
  }
}

/** Reads the id of a record. */
export function recordId(text: string): number {
  if (/^[1-9]\d{0,14}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("It must be the id of a record, a whole number above 0.");
}

/** Returns the command argument that names a stream. */
export function streamArgument(): Argument {
  return new Argument("<stream>", streamNames.join(", ")).argParser((text: string): StreamName => {
    return oneOf(text, streamNames) as StreamName;
  });
}
