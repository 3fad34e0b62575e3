import { openServer } from "../../database/server/open-server.ts";
import { storeEvents } from "../jobs/job-queue.ts";
import type { EventJob } from "../jobs/jobs.ts";
import { spool } from "./spool.ts";

/** The place where the listener stores events so that they survive the end of this process. */
export type EventPlace = { kind: "server"; url: string } | { kind: "spool"; folder: string };

/** A durable store of events. */
export interface EventStore {
  /** Stores events and returns when they are durable; for a spool, with the name of their file. */
  store(events: readonly EventJob[]): Promise<string | undefined>;
  close(): Promise<void>;
}

/**
 * Opens a place. On a server, events go straight into the job queue, by the listener's own connection. The embedded
 * database has a single connection, which a run may hold for seconds, so events go into files first.
 */
export async function openEventStore(place: EventPlace): Promise<EventStore> {
  if (place.kind === "spool") {
    return { store: (events) => spool(place.folder, events), close: async () => {} };
  }
  const database = await openServer(place.url, 1);
  return {
    async store(events) {
      await storeEvents(database, events);
      return undefined;
    },
    close: () => database.close(),
  };
}
