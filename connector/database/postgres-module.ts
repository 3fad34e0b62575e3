import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { PGliteOptions } from "@electric-sql/pglite";

declare const WebAssembly: { compile(bytes: Uint8Array): Promise<NonNullable<PGliteOptions["pgliteWasmModule"]>> };

/**
 * More than the largest piece of memory whose return teaches glibc to keep pieces of that size instead of giving them back
 * to the system (mallopt(3), "M_MMAP_THRESHOLD", dynamic: 32 MB). What of it is not written to takes no memory.
 */
const neverKept = 33 * 1024 * 1024;

/**
 * Compiles PGlite's Postgres. PGlite itself would read the file's 9 MB into memory that is given back after it, and of which
 * glibc then keeps up to twice as much for each thread of the process (40 to 90 MB in a large sync).
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
