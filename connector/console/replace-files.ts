import {
  accessSync,
  closeSync,
  constants,
  copyFileSync,
  existsSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, resolve } from "node:path";
import { takeBack } from "../commands/mapping/write-together.ts";

/** A file to replace, and its new text. */
export interface NewText {
  path: string;
  text: string;
  /** The file before is not kept beside the new one; a new file is for its owner alone. */
  holdsSecrets?: boolean;
}

/** The ending of the file that is kept as it was before. */
const keptEnding = ".old";
const newEnding = ".new";

/**
 * Replaces files: all of them, or, if one fails, none. Each is replaced at once, so that a reader finds the old or the
 * new one whole; the old one stays beside it as `….old`, unless it holds secrets. A file with secrets may be new.
 * Throws Node's error.
 */
export function replaceTogether(files: readonly NewText[]): void {
  const undo: (() => void)[] = [];
  try {
    for (const { path, text, holdsSecrets = false } of files) {
      undo.push(() => rmSync(`${path}${newEnding}`, { force: true }));
      const isNew = holdsSecrets && !existsSync(path);
      writeDurably(`${path}${newEnding}`, text, isNew ? 0o600 : statSync(path).mode & 0o777);
    }
    for (const { path, holdsSecrets = false } of files) {
      if (!holdsSecrets) copyFileSync(path, `${path}${keptEnding}`);
      const before = existsSync(path) ? readFileSync(path) : undefined;
      renameSync(`${path}${newEnding}`, path);
      undo.push(() => (before === undefined ? rmSync(path) : writeFileSync(path, before)));
    }
  } catch (error) {
    takeBack(undo);
    throw error;
  }
}

/** Returns whether a file can be replaced, or made: it and its folder are writable. */
export function isWritable(file: string): boolean {
  try {
    if (existsSync(file)) accessSync(file, constants.W_OK);
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
