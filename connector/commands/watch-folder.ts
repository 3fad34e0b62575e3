import { watch } from "node:fs";

/** Editors write a file in several steps, which are one change. */
const settleMilliseconds = 100;

/**
 * Calls `onChange` whenever a YAML file of a folder is saved, one call after the other, until the signal is aborted.
 * Throws what `onChange` throws.
 */
export async function watchFolder(folder: string, signal: AbortSignal, onChange: () => Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  let running = Promise.resolve();
  await new Promise<void>((resolve, reject) => {
    const watcher = watch(folder, { signal }, (_event, name) => {
      if (name !== null && !/\.ya?ml$/i.test(name)) return;
      clearTimeout(timer);
      timer = setTimeout(() => {
        running = running.then(onChange);
        running.catch(reject);
      }, settleMilliseconds);
    });
    watcher.on("error", reject);
    watcher.on("close", () => {
      clearTimeout(timer);
      resolve();
    });
  });
  await running;
}
