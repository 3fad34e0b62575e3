import { createReadStream, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createGunzip } from "node:zlib";
import { packageRoot } from "../package-root.ts";

/** The data of a new embedded Postgres as a gzipped tar file; the build makes it (make-new-data.ts). */
export const newDataFile = `${packageRoot}dist/database/new-data.tgz`;

/** A tar file is blocks of this many bytes: a header, then its file's content (POSIX, "pax", ustar interchange format). */
const block = 512;

/**
 * Puts the data of a new Postgres into an empty folder. Making it (initdb) takes four times as long and 650 MB of memory, and
 * comes to the same each time. Throws what the file system says.
 */
export async function unpackNewData(folder: string): Promise<void> {
  const tar = await unpacked();
  for (let at = 0; tar[at] !== 0; ) {
    const header = tar.subarray(at, at + block);
    const path = join(folder, textOf(header, 0, 100));
    const size = Number.parseInt(textOf(header, 124, 12), 8);
    at += block;
    // Nothing else is to be done meanwhile, and waiting for each of a thousand small files takes five times as long.
    if (textOf(header, 156, 1) === "5") mkdirSync(path, { recursive: true });
    else writeFileSync(path, tar.subarray(at, at + size));
    at += Math.ceil(size / block) * block;
  }
}

/** The whole tar file, in memory that is given back to the system afterwards, for which it is large (postgres-module.ts). */
async function unpacked(): Promise<Buffer> {
  const tar = Buffer.from(new ArrayBuffer(64 * 1024 * 1024));
  let length = 0;
  for await (const chunk of createReadStream(newDataFile).pipe(createGunzip({ chunkSize: 65_536 })))
    length += (chunk as Buffer).copy(tar, length);
  return tar;
}

/** A field of a header, which ends with NUL where it is shorter. */
function textOf(header: Buffer, from: number, length: number): string {
  return header.toString("latin1", from, from + length).replace(/\0.*$/s, "");
}
