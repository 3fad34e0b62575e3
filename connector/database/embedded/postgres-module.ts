import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { PGliteOptions } from "@electric-sql/pglite";

declare const WebAssembly: { compile(bytes: Uint8Array): Promise<NonNullable<PGliteOptions["pgliteWasmModule"]>> };

/**
 * Bytes above the largest piece of memory that glibc learns to keep for reuse after its release (mallopt(3),
 * "M_MMAP_THRESHOLD", dynamic: 32 MB). Unwritten parts take no memory.
 */
const neverKept = 33 * 1024 * 1024;

/**
 * Compiles PGlite's Postgres. PGlite itself would read the file's 9 MB into memory that it then frees. glibc would keep
 * up to twice as much for each thread of the process (40 to 90 MB in a large sync).
 */
export async function postgresModule() {
  const file = openSync(fileURLToPath(import.meta.resolve("@electric-sql/pglite/pglite.wasm")), "r");
  try {
    const { size } = fstatSync(file);
    const bytes = new Uint8Array(new ArrayBuffer(Math.max(size, neverKept)), 0, size);
    readSync(file, bytes);
    return await WebAssembly.compile(bytes);
  } finally {
    closeSync(file);
  }
}
