import type { Json, Value } from "./value.ts";

/** A value that was refused, with the reason as the end of a sentence: `"x" is not a number`. */
export interface Rejected {
  readonly state: "rejected";
  readonly reason: string;
}

/** What reading or transforming a value comes to. */
export type Outcome = Value | Rejected;

/** A refusal with its reason. */
export function rejected(reason: string): Rejected {
  return { state: "rejected", reason };
}

/** A value as it may stand in a sentence: JSON, cut after 60 characters. */
export function shown(value: Json | undefined): string {
  const json = JSON.stringify(value) ?? "undefined";
  return json.length > 60 ? `${json.slice(0, 59)}…` : json;
}
