import { isUtf8 } from "node:buffer";
import { closeSync, constants, openSync, readFileSync, readSync, statSync } from "node:fs";

/** The failure to read a file that the user named: `reason` completes the sentence that names it ("is a folder"). */
export class UnreadableFile extends Error {
  readonly reason: string;
  /** Node's code of the failed call; undefined if the file was rejected before it was read. */
  readonly code: string | undefined;

  constructor(reason: string, code?: string) {
    super(reason);
    this.reason = reason;
    this.code = code;
  }
}

/** Milliseconds for which a pipe may delay a command: a program that fetches a secret writes it in seconds. */
const longestWait = 10_000;
/** Milliseconds before an empty pipe is read again. */
const shortWait = 20;

/**
 * Returns the text of a file of at most `largest` bytes, or of a pipe, such as a shell's `<(command)`. A pipe is read
 * until its writer closes it, with a limit on the wait. Throws an UnreadableFile.
 */
export function readFileOrPipe(file: string, largest: number): string {
  return isPipe(file) ? readPipe(file, largest) : readRegularFile(file, largest);
}

/** Returns true if a path names a pipe. */
export function isPipe(file: string): boolean {
  return statSync(file, { throwIfNoEntry: false })?.isFIFO() === true;
}

/** Reads a pipe without blocking: one that no program writes to would hold the command for ever. */
function readPipe(file: string, largest: number): string {
  const descriptor = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const chunks: Buffer[] = [];
    const buffer = Buffer.alloc(65_536);
    let size = 0;
    for (let waited = 0; ; ) {
      const count = readSome(descriptor, buffer);
      if (count === 0 && size > 0) return decode(Buffer.concat(chunks));
      if (count === undefined || count === 0) {
        if (waited >= longestWait) throw new UnreadableFile("is a pipe to which nothing is written");
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, shortWait);
        waited += shortWait;
        continue;
      }
      size += count;
      if (size > largest) throw new UnreadableFile(`has more than ${largest / 1_000_000} MB`);
      chunks.push(Buffer.from(buffer.subarray(0, count)));
    }
  } finally {
    closeSync(descriptor);
  }
}

/** Returns the number of bytes read; 0 if there is no writer, undefined if one may still write. */
function readSome(descriptor: number, buffer: Buffer): number | undefined {
  try {
    return readSync(descriptor, buffer);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EAGAIN") return undefined;
    throw error;
  }
}

/** Returns the text of UTF-8 without a byte order mark. Throws an UnreadableFile that names another encoding. */
function decode(bytes: Buffer): string {
  const [first, second] = bytes;
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff) || bytes.includes(0))
    throw new UnreadableFile(bytes[0]! >= 0xfe ? "is in UTF-16: save it as UTF-8" : "is no text, or in UTF-16");
  const text = bytes.toString("utf8");
  const replaced = text.indexOf("\uFFFD");
  if (replaced !== -1 && !isUtf8(bytes)) {
    const line = text.slice(0, replaced).split("\n").length;
    throw new UnreadableFile(`is not in UTF-8 (line ${line}), perhaps in Latin-1: save it as UTF-8`);
  }
  return text.startsWith("\uFEFF") ? text.slice(1) : text;
}

/**
 * Returns the text of a regular file of at most `largest` bytes, without a byte order mark. Kind and size are checked
 * before a byte is read: a device never ends, and a pipe waits for its writer. Throws an UnreadableFile.
 */
export function readRegularFile(file: string, largest: number): string {
  try {
    const stats = statSync(file);
    if (stats.isDirectory()) throw new UnreadableFile("is a folder");
    if (!stats.isFile()) throw new UnreadableFile("is not a regular file, but a device, a pipe or a socket");
    if (stats.size > largest) throw new UnreadableFile(`has more than ${largest / 1_000_000} MB`);
    return decode(readFileSync(file));
  } catch (error) {
    if (error instanceof UnreadableFile) throw error;
    const { code } = error as NodeJS.ErrnoException;
    const reason =
      code === "ENOENT"
        ? "does not exist"
        : code === "EACCES"
          ? "may not be read by this user"
          : code === "ENOTDIR"
            ? "does not exist: part of its path is not a folder"
            : `cannot be read (${code})`;
    throw new UnreadableFile(reason, code);
  }
}
