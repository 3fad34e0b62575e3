import type { Json, Value } from "./value.ts";

/** A rejected value, with the reason as the end of a sentence: `"x" is not a number`. */
export interface Rejected {
  readonly state: "rejected";
  readonly reason: string;
}

/** The result of reading or transforming a value. */
export type Outcome = Value | Rejected;

/** Creates a rejection with its reason. */
export function rejected(reason: string): Rejected {
  return { state: "rejected", reason };
}

/** Formats a value for a message: JSON, cut after 60 characters. */
export function shown(value: Json | undefined): string {
  const json = JSON.stringify(value) ?? "undefined";
  return json.length > 60 ? `${json.slice(0, 59)}…` : json;
}
