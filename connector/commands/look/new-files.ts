import { type FileHandle, lstat, mkdir, open, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { Failure } from "../../failure.ts";

/** Characters per write. */
const chunkLength = 262_144;

/** A file that is written under a temporary name. */
export interface NewFile {
  /** The number of bytes written. */
  readonly bytes: number;
  write(text: string): Promise<void>;
  /** Writes the rest and flushes it to the disk. */
  finish(): Promise<void>;
}

/** A set of new files for a folder: either all of them appear, each complete, or none. */
export class NewFiles {
  readonly #folder: string;
  readonly #files: { path: string; aside: string; handle: FileHandle }[] = [];

  private constructor(folder: string) {
    this.#folder = folder;
  }

  /** Creates the folder if it is missing. Throws a Failure if it cannot be created, or is a file. */
  static async into(folder: string): Promise<NewFiles> {
    const files = new NewFiles(folder);
    await files.#told(() => mkdir(folder, { recursive: true }));
    return files;
  }

  /** Starts a file. An existing file of that name stays until `settle`; a folder is refused. */
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

  /** Renames every file to its final name, replacing existing ones. */
  async settle(): Promise<void> {
    for (const { handle } of this.#files) await this.#told(() => handle.close());
    for (const { path, aside } of this.#files) await this.#told(() => rename(aside, path));
    this.#files.length = 0;
  }

  /** Removes the files that have no final name yet. */
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

/** Turns an error of writing into a folder into a Failure; returns any other error unchanged. */
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
      return failure(`The folder ${folder} cannot be written (${code}).`, "Check the disk and the system log.");
    default:
      return error;
  }
}
