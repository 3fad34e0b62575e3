import { setTimeout as sleep } from "node:timers/promises";
import type { EventJob } from "./jobs.ts";
import type { Service } from "./service.ts";
import { openSpool, readSpooled, removeSpooled } from "./spool.ts";

/** Moves events from the spool into the job queue. */
export interface Drain {
  /** There is another file. */
  add(file: string): void;
  /** How many files wait. */
  waiting(): number;
  /** Ends after the files being moved; the others stay for the next start. */
  stop(): Promise<void>;
}

/** How many files are moved in one go, and how long (ms) the drain rests when the database refuses them. */
const filesAtOnce = 500;
const pause = 1_000;

/**
 * Moves what an earlier process left in the spool, and goes on with what is added. Killed between storing and removing
 * a file, its events are stored again by the next start: for an event that is no harm.
 */
export async function startDrain({ jobs, events, logger }: Service, folder: string): Promise<Drain> {
  const files = await openSpool(folder);
  const stopping = new AbortController();
  let moving: Promise<void> | undefined;

  const move = async () => {
    while (files.length > 0 && !stopping.signal.aborted) {
      const lot = files.slice(0, filesAtOnce);
      try {
        // One after another: the listener's thread writes its files by the same few threads of Node's as these go by.
        const stored: EventJob[] = [];
        for (const file of lot) stored.push(...(await readSpooled(folder, file)));
        await jobs.storeEvents(stored);
        for (const file of lot) await removeSpooled(folder, file);
        files.splice(0, lot.length);
        events.emit("work");
      } catch (error) {
        logger.warn(`Events wait in ${folder}: ${(error as Error).message}`);
        await sleep(pause, undefined, { signal: stopping.signal }).catch(() => undefined);
      }
    }
  };
  const begin = () => {
    moving ??= move().finally(() => {
      moving = undefined;
      if (files.length > 0 && !stopping.signal.aborted) begin();
    });
  };
  if (files.length > 0) begin();
  return {
    add(file) {
      files.push(file);
      begin();
    },
    waiting: () => files.length,
    async stop() {
      stopping.abort();
      await moving;
    },
  };
}
