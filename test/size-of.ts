import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";

/** Returns the bytes of a file, or of all files of a folder. */
export function sizeOf(path: string): number {
  const stats = statSync(path);
  if (!stats.isDirectory()) return stats.size;
  return readdirSync(path).reduce((sum, name) => sum + sizeOf(join(path, name)), 0);
}
