import { createReadStream, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createGunzip } from "node:zlib";
import { packageRoot } from "../../package-root.ts";

/** The data of a new embedded Postgres, a gzipped tar file that the build creates (build/new-data.ts). */
export const newDataFile = `${packageRoot}dist/new-data.tgz`;

/**
 * Bytes per block of a tar file, which holds a header and then its file's content (POSIX, "pax", ustar interchange
 * format).
 */
const block = 512;

/**
 * Unpacks the data of a new Postgres into an empty folder. Creating it (initdb) takes four times as long and 650 MB of
 * memory, and gives the same data each time. Throws errors of the file system.
 */
export async function unpackNewData(folder: string): Promise<void> {
  const tar = await unpacked();
  for (let at = 0; tar[at] !== 0; ) {
    const header = tar.subarray(at, at + block);
    const path = join(folder, textOf(header, 0, 100));
    const size = Number.parseInt(textOf(header, 124, 12), 8);
    at += block;
    // Synchronous, because nothing else is to be done: awaiting each of a thousand small files takes five times as
    // long.
    if (textOf(header, 156, 1) === "5") mkdirSync(path, { recursive: true });
    else writeFileSync(path, tar.subarray(at, at + size));
    at += Math.ceil(size / block) * block;
  }
}

/**
 * Reads the whole tar file into a buffer large enough for its memory to go back to the system afterwards
 * (postgres-module.ts).
 */
async function unpacked(): Promise<Buffer> {
  const tar = Buffer.from(new ArrayBuffer(64 * 1024 * 1024));
  let length = 0;
  for await (const chunk of createReadStream(newDataFile).pipe(createGunzip({ chunkSize: 65_536 })))
    length += (chunk as Buffer).copy(tar, length);
  return tar;
}

/** Returns a field of a header; a shorter value ends with NUL. */
function textOf(header: Buffer, from: number, length: number): string {
  return header.toString("latin1", from, from + length).replace(/\0.*$/s, "");
}
