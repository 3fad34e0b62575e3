import { createReadStream, createWriteStream } from "node:fs";
import { lstat, open, readdir, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip, createGzip } from "node:zlib";
import { Failure } from "../../failure.ts";
import {
  type BackupHead,
  type BackupRows,
  type BackupTable,
  backupFormat,
  type HubCopy,
  hubTables,
} from "./hub-tables.ts";

/** The line after a table's rows, as COPY's text format has it. No row can be like it: it escapes backslashes. */
const endOfRows = Buffer.from("\\.\n");
const endOfBackup = '{"end":true}';

/** The longest first line that is read, in bytes. */
const longestHead = 4_000_000;

/**
 * Writes a hub to a new file, which only its owner may read, and which appears when it is complete. Returns its size in
 * bytes. Throws a Failure if there is something at the path, or if it cannot be written.
 *
 * The file is gzip of: the head as a line of JSON; for each of its tables the rows in COPY's text format and a line
 * `\.`; a last line that says that it is whole.
 */
export async function writeBackup(path: string, { head, rows }: HubCopy, signal: AbortSignal): Promise<number> {
  if ((await lstat(path).catch(() => undefined)) !== undefined) {
    throw new Failure("usage", `${path} exists already.`, {
      hint: "Name a new file: a backup never replaces an earlier one.",
    });
  }
  await removeLeft(path);
  const aside = `${path}.${process.pid}.partial`;
  try {
    const handle = await open(aside, "wx", 0o600);
    try {
      // By its number: the stream of a handle would keep the handle from being closed.
      const file = createWriteStream("", { fd: handle.fd, autoClose: false });
      await pipeline(Readable.from(linesOf(head, rows)), createGzip(), file, {
        signal,
      });
      await handle.sync();
      const { size } = await handle.stat();
      await rename(aside, path);
      return size;
    } finally {
      await handle.close();
    }
  } catch (error) {
    await rm(aside, { force: true }).catch(() => undefined);
    signal.throwIfAborted();
    throw fileFailure(error, path, "written");
  }
}

/** Removes what a killed backup left beside this path: it holds people's data, and nobody would look for it. */
async function removeLeft(path: string): Promise<void> {
  const folder = dirname(path);
  const names = await readdir(folder).catch(() => []);
  for (const name of names) {
    const pid = name.startsWith(`${basename(path)}.`) ? /\.(\d+)\.partial$/.exec(name)?.[1] : undefined;
    if (pid !== undefined && !isAlive(Number(pid))) await rm(join(folder, name), { force: true });
  }
}

/** Returns true if a process of this machine has the id; a process of another user counts. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

async function* linesOf(head: BackupHead, rows: AsyncIterable<BackupRows>): AsyncGenerator<Buffer, void> {
  yield Buffer.from(`${JSON.stringify(head)}\n`);
  for await (const { chunks } of rows) {
    yield* chunks;
    yield endOfRows;
  }
  yield Buffer.from(`${endOfBackup}\n`);
}

/**
 * Opens a backup. Its rows are read once, in order. Throws a Failure if the file is none, is damaged or ends too early,
 * here or while the rows are read.
 */
export async function readBackup(path: string): Promise<HubCopy & { close(): void }> {
  const stat = await lstat(path).catch((error: unknown) => {
    throw fileFailure(error, path, "read");
  });
  if (stat.isDirectory()) throw new Failure("usage", `${path} is a folder, not a backup.`, {});
  const source = createReadStream(path);
  const unpacked = createGunzip();
  source.on("error", (error) => unpacked.destroy(error));
  const pieces = source.pipe(unpacked)[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  const close = () => {
    source.destroy();
    unpacked.destroy();
  };
  const lines = new Lines(pieces, path);
  try {
    const head = headOf(await lines.one(longestHead), path);
    return { head, rows: rowsIn(lines, head, path), close };
  } catch (error) {
    close();
    throw error;
  }
}

/** Reads a whole backup. Throws a Failure if it is damaged: so a restore fails before it begins. */
export async function checkBackup(path: string): Promise<BackupHead> {
  const backup = await readBackup(path);
  try {
    for await (const { table, chunks } of backup.rows) {
      let rows = 0;
      for await (const chunk of chunks) for (const byte of chunk) if (byte === 10) rows++;
      if (rows !== table.rows) throw damaged(path, `${table.table} has ${rows} rows of ${table.rows}`);
    }
    return backup.head;
  } finally {
    backup.close();
  }
}

async function* rowsIn(lines: Lines, { tables }: BackupHead, path: string): AsyncGenerator<BackupRows, void> {
  for (const table of tables) yield { table, chunks: lines.rows() };
  if ((await lines.one(longestHead)) !== endOfBackup) throw damaged(path, "its last line is missing");
}

/** Reads lines and rows from the pieces of a file. */
class Lines {
  readonly #pieces: AsyncIterator<Buffer>;
  readonly #path: string;
  #rest: Buffer = Buffer.alloc(0);

  constructor(pieces: AsyncIterator<Buffer>, path: string) {
    this.#pieces = pieces;
    this.#path = path;
  }

  async one(longest: number): Promise<string> {
    let end = this.#rest.indexOf(10);
    while (end < 0) {
      if (this.#rest.length > longest) throw noBackup(this.#path);
      await this.#more();
      end = this.#rest.indexOf(10);
    }
    const line = this.#rest.toString("utf8", 0, end);
    this.#rest = this.#rest.subarray(end + 1);
    return line;
  }

  /** Yields chunks of whole rows up to the line that ends them. */
  async *rows(): AsyncGenerator<Buffer, void> {
    for (;;) {
      if (this.#rest.subarray(0, endOfRows.length).equals(endOfRows)) {
        this.#rest = this.#rest.subarray(endOfRows.length);
        return;
      }
      const marker = this.#rest.indexOf(`\n${endOfRows.toString()}`);
      const end = marker >= 0 ? marker + 1 : this.#rest.lastIndexOf(10) + 1;
      if (end > 0) {
        yield this.#rest.subarray(0, end);
        this.#rest = this.#rest.subarray(end);
      }
      if (marker < 0) await this.#more();
    }
  }

  async #more(): Promise<void> {
    const next = await this.#pieces.next().catch((error: unknown) => {
      throw fileFailure(error, this.#path, "read");
    });
    if (next.done === true) throw damaged(this.#path, "it ends too early");
    this.#rest = this.#rest.length === 0 ? next.value : Buffer.concat([this.#rest, next.value]);
  }
}

function headOf(line: string, path: string): BackupHead {
  let head: Partial<BackupHead>;
  try {
    head = JSON.parse(line) as Partial<BackupHead>;
  } catch {
    throw noBackup(path);
  }
  if (typeof head !== "object" || head === null || typeof head.format !== "string") throw noBackup(path);
  if (head.format === backupFormat) {
    if (!isHead(head)) throw damaged(path, "its first line does not describe the tables of a hub");
    return head;
  }
  throw new Failure("usage", `${path} has the form "${head.format}", and this version reads "${backupFormat}".`, {
    hint: "Restore it with the version of pipedrive-planhat that wrote it.",
  });
}

/** Returns whether a head names tables of the hub alone: a file must not reach any other table. */
function isHead(head: Partial<BackupHead>): head is BackupHead {
  const { schema, at, version, tables } = head;
  if (!Number.isInteger(schema) || typeof at !== "string" || typeof version !== "string") return false;
  if (!Array.isArray(tables) || tables.length === 0) return false;
  return tables.every(
    ({ table, columns, rows, hash }: Partial<BackupTable>) =>
      typeof table === "string" &&
      hubTables.includes(table) &&
      Number.isInteger(rows) &&
      typeof hash === "string" &&
      Array.isArray(columns) &&
      columns.length > 0 &&
      columns.every(({ name, type }) => typeof name === "string" && typeof type === "string"),
  );
}

function noBackup(path: string): Failure {
  return new Failure("usage", `${path} is not a backup of pipedrive-planhat.`, {
    hint: "Name a file that `pipedrive-planhat backup` wrote.",
  });
}

function damaged(path: string, how: string): Failure {
  return new Failure("run", `The backup ${path} is damaged: ${how}. Nothing was stored.`, {
    hint: "Take another copy of the file, or an earlier backup.",
    remedy: "change",
  });
}

function fileFailure(error: unknown, path: string, verb: "read" | "written"): unknown {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === "Z_DATA_ERROR" && message.includes("incorrect header check")) return noBackup(path);
  if (code === "Z_BUF_ERROR") return damaged(path, "it ends too early");
  if (code?.startsWith("Z_") === true) return damaged(path, message);
  if (typeof code !== "string" || error instanceof Failure || !/^E[A-Z]+$/.test(code)) return error;
  const reasons: Record<string, string> = {
    ENOENT: verb === "read" ? "it does not exist" : "its folder does not exist",
    EACCES: "this user may not",
    EPERM: "this user may not",
    ENOSPC: "the disk is full",
    EROFS: "the file system is read-only",
  };
  const text = `${path} cannot be ${verb}: ${reasons[code] ?? code}.`;
  return new Failure(code === "ENOENT" && verb === "read" ? "usage" : "surroundings", text, {
    hint: verb === "written" ? "Name a file elsewhere." : "Name the file that `pipedrive-planhat backup` wrote.",
    cause: error,
    remedy: "change",
  });
}
