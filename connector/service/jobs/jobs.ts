import type { ConsentKind } from "../../database/tables/consents.ts";
import type { StreamName } from "../../stream-name.ts";

/** The content of an event: only the record to read. Its values come from the API. */
export interface EventHint {
  stream: StreamName;
  /** The record's id; of a product of a deal that of the deal. */
  id: number;
  /** True if the record was deleted, or merged into another one. */
  deleted: boolean;
}

/** A waiting event. */
export interface EventJob extends EventHint {
  /** The arrival time (RFC 3339); of several events for one record the first. */
  at: string;
}

/** A requested run, by a schedule or over HTTP. */
export type SyncJob = (
  | { mode: "incremental" }
  | { mode: "full" }
  | { mode: "sweep" }
  | {
      mode: "company";
      company: number;
      /** The conflicts of which the other side's value is taken. */
      taking?: readonly string[];
    }
) & {
  /** The source: HTTP, the service itself, or a person in the console; absent for the schedule. */
  by?: "post" | "serve" | "console";
  /** The person in the console. */
  user?: string;
  /** The kinds of writing to which the person agreed, the brake's among them. */
  agreed?: readonly ConsentKind[];
};

/** A job taken from its queue. */
export interface TakenJob<Data> {
  id: string;
  data: Data;
}

/** Returns the key by which equal events are merged. */
export function eventKey({ stream, id, deleted }: EventHint): string {
  return `${stream} ${id}${deleted ? " deleted" : ""}`;
}

/** Returns the key by which equal requests of a run are merged. */
export function syncKeyOf(sync: SyncJob): string {
  const taking = sync.mode === "company" && sync.taking !== undefined ? ` taking ${sync.taking.join(" ")}` : "";
  const key = sync.mode === "company" ? `company ${sync.company}${taking}` : sync.mode;
  return sync.agreed === undefined ? key : `${key} ${[...sync.agreed].sort().join(" ")}`;
}
