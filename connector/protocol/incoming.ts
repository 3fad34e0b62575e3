import type { JsonObject } from "../mapping/value.ts";

/** How many records of a STATE's stream, or of all, came since its last STATE, and were or were not landed. */
export interface LandedCounts {
  landed: number;
  /** Kept with their reason, or left out because their stream is none of ours. */
  rejected: number;
}

/** What one line of a source's output says, whichever protocol it is in. */
export type Incoming =
  | {
      kind: "record";
      stream: string;
      data: JsonObject;
      /** The record's own JSON text. */
      text: string;
      /** Singer: the version of the table that the record belongs to. */
      version?: number;
    }
  /** A record by the look of its line, which was not parsed. */
  | {
      kind: "likely record";
      stream: string;
      /** Where they are one JSON object, it is the record, and the line is what it seems to be. */
      bytes: Buffer;
      /** What the line says when it is parsed. */
      parsed(): Incoming;
    }
  | {
      kind: "state";
      /** The stream it is of; undefined for all streams. */
      stream: string | undefined;
      /** The line to be printed once everything before it is committed. */
      echo(counts: LandedCounts): string;
    }
  | { kind: "status"; stream: string; status: "STARTED" | "RUNNING" | "COMPLETE" | "INCOMPLETE" }
  | { kind: "schema"; stream: string }
  | { kind: "version"; stream: string; version: number }
  /** What the source tells people, for the log. */
  | { kind: "told"; level: "error" | "warn" | "info" | "debug"; message: string }
  /** A message that is no matter of a destination's. */
  | { kind: "nothing" }
  /** Why the line is no message, as a sentence without its full stop. */
  | { kind: "fault"; reason: string };

/** Reads one line of UTF-8. Never throws: what is no message is told as its fault. */
export type LineReader = (line: Buffer) => Incoming;
