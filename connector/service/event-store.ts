import { openServer } from "../database/open-server.ts";
import { storeEvents } from "./job-queue.ts";
import type { EventJob } from "./jobs.ts";
import { spool } from "./spool.ts";

/** Where the listener stores events so that they survive whatever happens to this process. */
export type EventPlace = { kind: "server"; url: string } | { kind: "spool"; folder: string };

/** Stores events durably. */
export interface EventStore {
  /** Returns when the events are stored: for a spool with the file that they are in. */
  store(events: readonly EventJob[]): Promise<string | undefined>;
  close(): Promise<void>;
}

/**
 * Opens a place. A server takes events into the job queue at once, on a connection of the listener's own. The embedded
 * database has one connection, which a run may hold for seconds: there they go into files first.
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
