import { watch } from "node:fs";

/** Time (ms) in which an editor's several writes of a file count as one change. */
const settleMilliseconds = 100;

/**
 * Calls `onChange` after each change of a YAML file in a folder, one call at a time, until the signal is aborted.
 * Throws the error of `onChange`.
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
