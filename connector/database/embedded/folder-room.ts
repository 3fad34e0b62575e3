import { closeSync, openSync, unlinkSync, writeSync } from "node:fs";
import { join } from "node:path";

/** Tests whether `bytes` more can be written into a folder, and leaves nothing there. Returns the error if not. */
export function tryRoom(folder: string, bytes: number): Error | undefined {
  const path = join(folder, `.room-${process.pid}`);
  let file: number | undefined;
  try {
    file = openSync(path, "w", 0o600);
    writeSync(file, new Uint8Array(bytes));
    return undefined;
  } catch (error) {
    return error as Error;
  } finally {
    if (file !== undefined) {
      closeSync(file);
      unlinkSync(path);
    }
  }
}
