import {
  accessSync,
  closeSync,
  constants,
  copyFileSync,
  fsyncSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, resolve } from "node:path";

/** A file to replace, and its new text. */
export interface NewText {
  path: string;
  text: string;
}

/** The ending of the file that is kept as it was before. */
const keptEnding = ".old";
const newEnding = ".new";

/**
 * Replaces files: all of them, or, if one fails, none. Each is replaced at once, so that a reader finds the old or the
 * new one whole; the old one stays beside it as `….old`. Throws Node's error.
 */
export function replaceTogether(files: readonly NewText[]): void {
  const undo: (() => void)[] = [];
  try {
    for (const { path, text } of files) {
      undo.push(() => rmSync(`${path}${newEnding}`, { force: true }));
      writeDurably(`${path}${newEnding}`, text, statSync(path).mode & 0o777);
    }
    for (const { path } of files) {
      copyFileSync(path, `${path}${keptEnding}`);
      renameSync(`${path}${newEnding}`, path);
      undo.push(() => copyFileSync(`${path}${keptEnding}`, path));
    }
  } catch (error) {
    for (const back of undo.reverse()) {
      try {
        back();
      } catch {
        // What cannot be taken back stays; the first error says why.
      }
    }
    throw error;
  }
}

/** Returns whether a file can be replaced: it and its folder are writable. */
export function isWritable(file: string): boolean {
  try {
    accessSync(file, constants.W_OK);
    accessSync(dirname(resolve(file)), constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

function writeDurably(path: string, text: string, mode: number): void {
  rmSync(path, { force: true });
  const descriptor = openSync(path, "wx", mode);
  try {
    writeFileSync(descriptor, text);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
