import type { StreamName } from "../stream-name.ts";

/** What an event says: only which record to look at. The truth is read from the API. */
export interface EventHint {
  stream: StreamName;
  id: number;
  /** The record was deleted, or merged into another one. */
  deleted: boolean;
}

/** An event as it waits. */
export interface EventJob extends EventHint {
  /** When it came in (RFC 3339); of several for one record the first. */
  at: string;
}

/** A run that was asked for: by a schedule, or over HTTP. */
export type SyncJob = (
  | { mode: "incremental" }
  | { mode: "full" }
  | { mode: "sweep" }
  | { mode: "company"; company: number }
) & {
  /** Over HTTP, or by the service itself; absent: by a schedule. */
  by?: "post" | "serve";
};

/** A job that was taken from its queue. */
export interface TakenJob<Data> {
  id: string;
  data: Data;
}

/** By this, several events that ask for the same are one. */
export function keyOf({ stream, id, deleted }: EventHint): string {
  return `${stream} ${id}${deleted ? " deleted" : ""}`;
}

/** By this, several requests for the same run are one. */
export function syncKeyOf(sync: SyncJob): string {
  return sync.mode === "company" ? `company ${sync.company}` : sync.mode;
}
