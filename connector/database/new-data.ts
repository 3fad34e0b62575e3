import { createReadStream } from "node:fs";
import { createGunzip } from "node:zlib";
import { packageRoot } from "../package-root.ts";

/** The data of a new embedded Postgres, packed; the build makes it (make-new-data.ts). */
export const newDataFile = `${packageRoot}dist/database/new-data.tgz`;

/** More than all of it takes unpacked (30 MB); what is not written to takes no memory. */
const mostBytes = 64 * 1024 * 1024;

/**
 * Unpacks it into what PGlite takes a folder's data from. Making the data (initdb) takes three times as long and 650 MB of
 * memory, and comes to the same each time. It is not read as a whole first, for the reason that postgres-module.ts gives.
 */
export async function readNewData(): Promise<Blob> {
  const tar = new ArrayBuffer(mostBytes);
  const bytes = new Uint8Array(tar);
  let length = 0;
  for await (const chunk of createReadStream(newDataFile).pipe(createGunzip())) {
    bytes.set(chunk as Buffer, length);
    length += (chunk as Buffer).length;
  }
  // All that PGlite asks of a Blob. A tar file ends with zeros, however many.
  return { type: "application/x-tar", arrayBuffer: async () => tar } as Blob;
}
