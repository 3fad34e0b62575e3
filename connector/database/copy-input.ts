import type { PGlite } from "@electric-sql/pglite";

/** Where the embedded Postgres reads the input of COPY from: a device of its own file system. */
export const copyInputPath = "/dev/copy-input";

/** A number that no other device of PGlite has (its `/dev/blob` is 64, 0). */
const [major, minor] = [64, 1] as const;

/** What the next COPY reads. */
export interface CopyInput {
  give(bytes: Uint8Array): void;
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
  const none = new Uint8Array(0);
  let input: Uint8Array = none;
  const files = postgres.Module.FS as unknown as Devices;
  const device = files.makedev(major, minor);
  files.registerDevice(device, {
    open() {},
    close() {},
    read(_stream: unknown, buffer: Uint8Array, offset: number, length: number, position: number) {
      const bytes = input.subarray(position, position + length);
      // A view of the same memory whatever its elements are: Emscripten hands out its Int8Array.
      buffer.set(bytes, offset);
      return bytes.length;
    },
    llseek: (_stream: unknown, offset: number) => offset,
  });
  files.mkdev(copyInputPath, device);
  return {
    give(bytes) {
      input = bytes;
    },
    take() {
      input = none;
    },
  };
}
