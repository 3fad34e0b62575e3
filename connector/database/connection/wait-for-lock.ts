import { setTimeout as sleep } from "node:timers/promises";
import type { Database } from "../database.ts";

const pollMilliseconds = 200;

/** The options of waiting for a lock. */
export interface LockPatience {
  /** Seconds to wait; 0, the default, tries once. */
  waitSeconds?: number;
  /** Ends the wait, with its reason. */
  signal?: AbortSignal;
}

/** Takes a lock (`Database.tryLock`), waiting for another holder to release it; undefined if it stays taken. */
export async function waitForLock(
  database: Database,
  key: number,
  { waitSeconds = 0, signal }: LockPatience = {},
): Promise<(() => Promise<void>) | undefined> {
  const deadline = performance.now() + waitSeconds * 1000;
  for (;;) {
    signal?.throwIfAborted();
    const release = await database.tryLock(key);
    if (release !== undefined || performance.now() >= deadline) return release;
    await sleep(pollMilliseconds, undefined, signal === undefined ? {} : { signal });
  }
}
