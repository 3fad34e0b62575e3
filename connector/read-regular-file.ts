import { readFileSync, statSync } from "node:fs";

/** A file that a person named could not be read: `reason` completes the sentence that names it ("is a folder"). */
export class UnreadableFile extends Error {
  readonly reason: string;
  /** Node's code of the failed call; undefined where the file was refused before it was read. */
  readonly code: string | undefined;

  constructor(reason: string, code?: string) {
    super(reason);
    this.reason = reason;
    this.code = code;
  }
}

/**
 * Returns the text of a regular file of at most `largest` bytes, without a byte order mark. Kind and size are checked
 * before a byte is read: a device never ends, and a pipe waits for whoever writes it.
 * Throws an UnreadableFile.
 */
export function readRegularFile(file: string, largest: number): string {
  try {
    const stats = statSync(file);
    if (stats.isDirectory()) throw new UnreadableFile("is a folder");
    if (!stats.isFile()) throw new UnreadableFile("is not a regular file, but a device, a pipe or a socket");
    if (stats.size > largest) throw new UnreadableFile(`has more than ${largest / 1_000_000} MB`);
    const text = readFileSync(file, "utf8");
    return text.startsWith("\uFEFF") ? text.slice(1) : text;
  } catch (error) {
    if (error instanceof UnreadableFile) throw error;
    const { code } = error as NodeJS.ErrnoException;
    const reason =
      code === "ENOENT"
        ? "does not exist"
        : code === "EACCES"
          ? "may not be read by this user"
          : code === "ENOTDIR"
            ? "does not exist: what stands before its name is no folder"
            : `cannot be read (${code})`;
    throw new UnreadableFile(reason, code);
  }
}
