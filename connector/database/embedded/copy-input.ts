import type { PGlite } from "@electric-sql/pglite";

/** The path from which the embedded Postgres reads the input of COPY: a device of its own file system. */
export const copyInputPath = "/dev/copy-input";

/** A device number that PGlite does not use (its `/dev/blob` is 64, 0). */
const [major, minor] = [64, 1] as const;

/** The input of the next COPY. */
export interface CopyInput {
  /** Adds a chunk. */
  give(piece: Uint8Array): void;
  /** Drops the chunks that are left. */
  take(): void;
}

/** The functions of Emscripten's file system that a device needs and its types leave out. */
interface Devices {
  makedev(major: number, minor: number): number;
  registerDevice(device: number, operations: object): void;
  mkdev(path: string, device: number): void;
}

/**
 * Adds the device to a Postgres. PGlite's own (`/dev/blob`) accepts a Blob, which is copied twice and read byte by
 * byte.
 */
export function addCopyInput(postgres: PGlite): CopyInput {
  let pieces: Uint8Array[] = [];
  const files = postgres.Module.FS as unknown as Devices;
  const device = files.makedev(major, minor);
  files.registerDevice(device, {
    open() {},
    close() {},
    // The position does not matter: COPY reads from the first byte to the last.
    read(_stream: unknown, buffer: Uint8Array, offset: number, length: number) {
      const [piece] = pieces;
      if (piece === undefined) return 0;
      // `set` copies bytes also into the Int8Array that Emscripten passes.
      buffer.set(piece.subarray(0, length), offset);
      if (piece.length > length) pieces[0] = piece.subarray(length);
      else pieces.shift();
      return Math.min(piece.length, length);
    },
    llseek: (_stream: unknown, offset: number) => offset,
  });
  files.mkdev(copyInputPath, device);
  return {
    give(piece) {
      // Postgres takes a read of no bytes for the end of the input.
      if (piece.length > 0) pieces.push(piece);
    },
    take() {
      pieces = [];
    },
  };
}
