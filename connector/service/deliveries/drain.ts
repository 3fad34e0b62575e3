import { setTimeout as sleep } from "node:timers/promises";
import type { EventJob } from "../jobs/jobs.ts";
import type { Service } from "../service.ts";
import { openSpool, readSpooled, removeSpooled } from "./spool.ts";

/** The drain, which moves events from the spool into the job queue. */
export interface Drain {
  /** Adds a file to move. */
  add(file: string): void;
  /** Returns the number of waiting files. */
  waiting(): number;
  /** Stops after the files in progress; the others stay for the next start. */
  stop(): Promise<void>;
}

/** Files per batch, and the pause (ms) after the database refuses one. */
const filesAtOnce = 500;
const pause = 1_000;

/**
 * Moves the files of an earlier process, then each added file. After a kill between storing and removing a file, the
 * next start stores its events again; a repeated event does no harm.
 */
export async function startDrain({ jobs, events, logger }: Service, folder: string): Promise<Drain> {
  const files = await openSpool(folder);
  const stopping = new AbortController();
  let moving: Promise<void> | undefined;

  const move = async () => {
    while (files.length > 0 && !stopping.signal.aborted) {
      const lot = files.slice(0, filesAtOnce);
      try {
        // Read one file after another: the listener's thread writes its files with the same few threads of Node's pool.
        const stored: EventJob[] = [];
        for (const file of lot) stored.push(...(await readSpooled(folder, file)));
        await jobs.storeEvents(stored);
        for (const file of lot) await removeSpooled(folder, file);
        files.splice(0, lot.length);
        events.emit("work");
      } catch (error) {
        logger.warn("Spooled events could not be queued.", { folder, error: (error as Error).message });
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
