import { mkdir, open, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import type { EventJob } from "../jobs/jobs.ts";

/** The folder, beside the embedded database, of events that wait to be moved into it. */
export const spoolName = "spool";

const fileName = /^\d{15}-\d{6}\.json$/;
let count = 0;

/** Writes events into a new file; they survive a power cut when it returns. Returns the file's name. */
export async function spool(folder: string, events: readonly EventJob[]): Promise<string> {
  count = (count + 1) % 1_000_000;
  const name = `${String(Date.now()).padStart(15, "0")}-${String(count).padStart(6, "0")}.json`;
  const path = join(folder, name);
  const file = await open(path, "wx", 0o600);
  try {
    try {
      await file.writeFile(JSON.stringify(events));
      await file.datasync();
    } finally {
      await file.close();
    }
    await syncFolder(folder);
    return name;
  } catch (error) {
    // Its events were not confirmed, and the file would only fill a full disk further.
    await rm(path, { force: true }).catch(() => undefined);
    throw error;
  }
}

/** Writes a folder's entries to the disk: otherwise a new file may be lost in a power cut. Windows has no such call. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === "win32") return;
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Creates the folder if it is missing, and returns the files that an earlier process left, in order. */
export async function openSpool(folder: string): Promise<string[]> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  return (await readdir(folder)).filter((name) => fileName.test(name)).sort();
}

/** Reads the events of a file. An incomplete file was never confirmed to its sender: it holds none. */
export async function readSpooled(folder: string, name: string): Promise<EventJob[]> {
  const text = await readFile(join(folder, name), "utf8");
  try {
    return JSON.parse(text) as EventJob[];
  } catch {
    return [];
  }
}

/** Removes a file whose events are stored elsewhere. */
export async function removeSpooled(folder: string, name: string): Promise<void> {
  await rm(join(folder, name), { force: true });
}

/** A queue that stores items in batches: items that arrive while a batch is being stored form the next one. */
export interface GroupCommit<Item> {
  /** Adds items and returns when they are stored; throws the error of storing them. */
  add(items: readonly Item[]): Promise<void>;
}

/** Creates a queue that stores each batch with `commit`, one batch at a time. */
export function groupCommit<Item>(commit: (items: Item[]) => Promise<void>): GroupCommit<Item> {
  let gathered: Item[] = [];
  let next: Promise<void> | undefined;
  let last: Promise<unknown> = Promise.resolve();
  return {
    add(items) {
      gathered.push(...items);
      next ??= last.then(() => {
        const lot = gathered;
        gathered = [];
        next = undefined;
        const committed = commit(lot);
        last = committed.catch(() => undefined);
        return committed;
      });
      return next;
    },
  };
}
