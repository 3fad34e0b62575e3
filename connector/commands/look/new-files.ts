import { type FileHandle, lstat, mkdir, open, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { Failure } from "../../failure.ts";

/** So many characters are handed to the system at a time. */
const chunkLength = 262_144;

/** A file that is being written under another name. */
export interface NewFile {
  /** Bytes that were written. */
  readonly bytes: number;
  write(text: string): Promise<void>;
  /** Makes sure that all of it is on the disk. */
  finish(): Promise<void>;
}

/** Files that come into a folder together, each whole, or not at all. */
export class NewFiles {
  readonly #folder: string;
  readonly #files: { path: string; aside: string; handle: FileHandle }[] = [];

  private constructor(folder: string) {
    this.#folder = folder;
  }

  /** Makes the folder where it is missing. Throws a Failure where it cannot be made, or is a file. */
  static async into(folder: string): Promise<NewFiles> {
    const files = new NewFiles(folder);
    await files.#told(() => mkdir(folder, { recursive: true }));
    return files;
  }

  /** Begins a file. One of that name that is there stays until `settle`; a folder is refused. */
  async begin(name: string): Promise<NewFile> {
    const path = join(this.#folder, name);
    const there = await lstat(path).catch(() => undefined);
    if (there !== undefined && !there.isFile()) {
      throw new Failure("surroundings", `${path} is there already, and is no file that could be replaced.`, {
        hint: "Move it away, or name another folder.",
        remedy: "change",
      });
    }
    const aside = join(this.#folder, `.${name}.${process.pid}.partial`);
    const handle = await this.#told(() => open(aside, "w"));
    this.#files.push({ path, aside, handle });
    let waiting = "";
    let bytes = 0;
    const flush = () =>
      this.#told(async () => {
        const buffer = Buffer.from(waiting);
        waiting = "";
        await handle.writeFile(buffer);
        bytes += buffer.length;
      });
    return {
      get bytes() {
        return bytes;
      },
      async write(text) {
        waiting += text;
        if (waiting.length >= chunkLength) await flush();
      },
      finish: async () => {
        await flush();
        await this.#told(() => handle.sync());
      },
    };
  }

  /** Gives every file its name, in place of what had it. */
  async settle(): Promise<void> {
    for (const { handle } of this.#files) await this.#told(() => handle.close());
    for (const { path, aside } of this.#files) await this.#told(() => rename(aside, path));
    this.#files.length = 0;
  }

  /** Removes what was begun and has no name yet. */
  async drop(): Promise<void> {
    for (const { aside, handle } of this.#files.splice(0)) {
      await handle.close().catch(() => undefined);
      await rm(aside, { force: true }).catch(() => undefined);
    }
  }

  async #told<Result>(work: () => Promise<Result>): Promise<Result> {
    try {
      return await work();
    } catch (error) {
      throw writeFailure(error, this.#folder);
    }
  }
}

/** What keeps files from being written into a folder, as a Failure; any other error as it is. */
function writeFailure(error: unknown, folder: string): unknown {
  const { code } = error as NodeJS.ErrnoException;
  const failure = (text: string, hint: string) =>
    new Failure("surroundings", text, { hint, cause: error, remedy: "change" });
  const another = "Name another folder: --to <folder>.";
  switch (code) {
    case "ENOSPC":
    case "EDQUOT":
      return failure(
        `The disk with the folder ${folder} is full.`,
        `Make room, or name a folder elsewhere. No file was changed.`,
      );
    case "EACCES":
    case "EPERM":
      return failure(`The folder ${folder} cannot be written by this user (${code}).`, another);
    case "EROFS":
      return failure(`The folder ${folder} is on a read-only file system.`, another);
    case "EEXIST":
    case "ENOTDIR":
      return failure(`${folder} is a file, or lies below one, and \`--to\` names a folder.`, another);
    case "ENAMETOOLONG":
    case "ELOOP":
      return failure(`The folder ${folder} cannot be made (${code}).`, another);
    case "EIO":
    case "EFBIG":
      return failure(`The folder ${folder} cannot be written (${code}).`, "Look at the disk and at the system's log.");
    default:
      return error;
  }
}
