import type { PGlite } from "@electric-sql/pglite";

/** Where the embedded Postgres reads the input of COPY from: a device of its own file system. */
export const copyInputPath = "/dev/copy-input";

/** A number that no other device of PGlite has (its `/dev/blob` is 64, 0). */
const [major, minor] = [64, 1] as const;

/** What the next COPY reads. */
export interface CopyInput {
  /** Adds a piece. */
  give(piece: Uint8Array): void;
  /** Takes away what is left of it. */
  take(): void;
}

/** The parts of Emscripten's file system that a device needs, which its types leave out. */
interface Devices {
  makedev(major: number, minor: number): number;
  registerDevice(device: number, operations: object): void;
  mkdev(path: string, device: number): void;
}

/**
 * Gives a Postgres the device. PGlite's own (`/dev/blob`) takes a Blob, which is copied twice, and reads it byte by byte.
 */
export function addCopyInput(postgres: PGlite): CopyInput {
  let pieces: Uint8Array[] = [];
  const files = postgres.Module.FS as unknown as Devices;
  const device = files.makedev(major, minor);
  files.registerDevice(device, {
    open() {},
    close() {},
    // The position is not looked at: COPY reads from the first byte to the last.
    read(_stream: unknown, buffer: Uint8Array, offset: number, length: number) {
      const [piece] = pieces;
      if (piece === undefined) return 0;
      // A view of the same memory whatever its elements are: Emscripten hands out its Int8Array.
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
      // To have read nothing would be the end for Postgres.
      if (piece.length > 0) pieces.push(piece);
    },
    take() {
      pieces = [];
    },
  };
}
