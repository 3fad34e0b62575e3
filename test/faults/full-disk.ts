import "./full-disk-writes.mjs";
import { getEnvironmentData } from "node:worker_threads";

/**
 * How a full disk behaves: most take what overwrites a file and refuse what makes it longer; one that writes everything
 * to a new place (copy on write, a quota, thin provisioning) refuses `every` write.
 */
export type FullDisk = "growing" | "every";

// Threads that are started from now on load it too.
const before = process.env["NODE_OPTIONS"];
process.env["NODE_OPTIONS"] =
  `${before === undefined ? "" : `${before} `}--import ${import.meta.resolve("./full-disk-writes.mjs")}`;

const state = new Int32Array(getEnvironmentData("full disk") as unknown as SharedArrayBuffer);

/**
 * From the `after`-th of the writes that it would refuse, every one fails as on a full disk: those of the embedded database,
 * and of whatever else writes synchronously to a file. Returns what gives the disk room again.
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
