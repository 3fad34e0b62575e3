import "./full-disk-writes.mjs";
import { getEnvironmentData } from "node:worker_threads";

/**
 * The behaviour of a full disk. Most disks accept overwriting a file and refuse to extend it. One that writes
 * everything to a new place (copy on write, a quota, thin provisioning) refuses `every` write.
 */
export type FullDisk = "growing" | "every";

// Threads started from now on load it too.
const before = process.env["NODE_OPTIONS"];
process.env["NODE_OPTIONS"] =
  `${before === undefined ? "" : `${before} `}--import ${import.meta.resolve("./full-disk-writes.mjs")}`;

const state = new Int32Array(getEnvironmentData("full disk") as unknown as SharedArrayBuffer);

/**
 * Makes every write from the `after`-th refusable one fail as on a full disk: writes of the embedded database and all
 * other synchronous writes to files. Returns functions that give the disk room again and count.
 */
export function fillDisk(kind: FullDisk, after: number): { makeRoom(): void; refused(): number; counted(): number } {
  state.set([0, after, 0, 0]);
  Atomics.store(state, 0, kind === "every" ? 2 : 1);
  return {
    makeRoom: () => void Atomics.store(state, 0, 0),
    refused: () => Atomics.load(state, 3),
    counted: () => Atomics.load(state, 2),
  };
}
