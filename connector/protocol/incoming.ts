import type { JsonObject } from "../mapping/value.ts";

/** Counts of the records of a STATE's stream, or of all streams, since its last STATE. */
export interface LandedCounts {
  landed: number;
  /** Records saved with a reason, or left out because the connector lacks their stream. */
  rejected: number;
}

/** The content of one line of a source's output, in either protocol. */
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
  /** A line that looks like a record and was not parsed. */
  | {
      kind: "likely record";
      stream: string;
      /** The record, if these bytes are one JSON object; only then is the line what it seems. */
      bytes: Buffer;
      /** Returns the content of the line by parsing it. */
      parsed(): Incoming;
    }
  | {
      kind: "state";
      /** The stream of the state; undefined for all streams. */
      stream: string | undefined;
      /** Returns the line to print once everything before it is committed. */
      echo(counts: LandedCounts): string;
    }
  | { kind: "status"; stream: string; status: "STARTED" | "RUNNING" | "COMPLETE" | "INCOMPLETE" }
  | { kind: "schema"; stream: string }
  | { kind: "version"; stream: string; version: number }
  /** A message of the source for its users, to be logged. */
  | { kind: "told"; level: "error" | "warn" | "info" | "debug"; message: string }
  /** A message that destinations ignore. */
  | { kind: "nothing" }
  /** The reason why the line is not a message, as a sentence without its full stop. */
  | { kind: "fault"; reason: string };

/** Reads one line of UTF-8. Never throws: an invalid message is returned as a fault. */
export type LineReader = (line: Buffer) => Incoming;
