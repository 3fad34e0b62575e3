import { setTimeout as wait } from "node:timers/promises";

/** Waits some milliseconds. Throws the signal's reason if it is aborted during the wait. */
export async function pause(milliseconds: number, signal?: AbortSignal): Promise<void> {
  try {
    await wait(milliseconds, undefined, signal === undefined ? {} : { signal });
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  }
}
