import {
  chmodSync,
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmdirSync,
  statSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname } from "node:path";

/** A file to write. */
export interface TextFile {
  path: string;
  text: string;
  /**
   * `create` refuses an existing file, `append` adds to one, `renew` writes one of ours anew. With `copy` the existing
   * file is kept under that path.
   */
  how: "create" | "append" | "renew" | { copy: string };
  /** The permissions; by default those of the process. */
  mode?: number;
}

/**
 * Writes several files and the folders that they need: all of them, or, if one fails, none. Nothing can interrupt it
 * but the end of the process, because it does not wait. Throws Node's error.
 */
export function writeTogether(files: readonly TextFile[]): void {
  const undo: (() => void)[] = [];
  try {
    for (const file of files) {
      makeFolders(dirname(file.path), undo);
      writeOne(file, undo);
    }
  } catch (error) {
    takeBack(undo);
    throw error;
  }
}

/** Takes steps back, the last first. A step that cannot be taken back stays: the error before says why. */
export function takeBack(undo: (() => void)[]): void {
  for (const back of undo.reverse()) {
    try {
      back();
    } catch {
      // The next ones are taken back all the same.
    }
  }
}

function makeFolders(folder: string, undo: (() => void)[]): void {
  const missing: string[] = [];
  for (let path = folder; !existsSync(path); path = dirname(path)) missing.unshift(path);
  for (const path of missing) {
    mkdirSync(path);
    undo.push(() => rmdirSync(path));
  }
}

function writeOne({ path, text, how, mode }: TextFile, undo: (() => void)[]): void {
  if (how === "append") {
    const { size, mode: before } = statSync(path);
    if (mode !== undefined) {
      chmodSync(path, mode);
      undo.push(() => chmodSync(path, before & 0o777));
    }
    undo.push(() => truncateSync(path, size));
  } else if (how === "renew") {
    const before = readFileSync(path);
    undo.push(() => writeFileSync(path, before));
    unlinkSync(path);
  } else if (how !== "create") {
    renameSync(path, how.copy);
    undo.push(() => renameSync(how.copy, path));
  }
  const descriptor = openSync(path, how === "append" ? "a" : "wx", mode);
  if (how !== "append") undo.push(() => unlinkSync(path));
  try {
    writeFileSync(descriptor, text);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
