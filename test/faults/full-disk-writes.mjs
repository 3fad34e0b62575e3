// Loaded into every thread of a process (node --import; a thread takes it from NODE_OPTIONS): makes writes to files
// fail as on a full disk, as the memory says that all threads share. Production code knows nothing of it.
import fs from "node:fs";
import { open as openFile } from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";
import { getEnvironmentData, isMainThread, setEnvironmentData } from "node:worker_threads";

const name = "full disk";
if (isMainThread && getEnvironmentData(name) === undefined) setEnvironmentData(name, new SharedArrayBuffer(16));
/** What is refused (0 nothing, 1 what makes files longer, 2 everything), from which such write on, how many there were, and how many were refused. */
export const fullDisk = new Int32Array(getEnvironmentData(name));

// As long as this file is there the disk is full.
const whileThere = process.env["FULL_DISK_WHILE"];
const kindWhileThere = process.env["FULL_DISK_KIND"] === "every" ? 2 : 1;

const asked = process.env["FULL_DISK"]?.split(" ");
if (isMainThread && asked !== undefined) fullDisk.set([asked[0] === "every" ? 2 : 1, Number(asked[1])]);

const isFullNow = () => whileThere !== undefined && fs.existsSync(whileThere);
const noSpace = () =>
  Object.assign(new Error("ENOSPC: no space left on device, write"), { code: "ENOSPC", syscall: "write" });

const write = fs.writeSync;
fs.writeSync = (file, buffer, offset, length, position) => {
  const isOutput = file <= 2;
  const grows = typeof position !== "number" || position + length > fs.fstatSync(file).size;
  const kind = isFullNow() ? kindWhileThere : Atomics.load(fullDisk, 0);
  if (!isOutput && (kind === 2 || (kind === 1 && grows)) && Atomics.add(fullDisk, 2, 1) >= Atomics.load(fullDisk, 1)) {
    Atomics.add(fullDisk, 3, 1);
    throw noSpace();
  }
  return write(file, buffer, offset, length, position);
};

// What is written by promises (the spool) grows always.
if (whileThere !== undefined) {
  const probe = await openFile(process.execPath);
  const handle = Object.getPrototypeOf(probe);
  await probe.close();
  const { writeFile } = handle;
  handle.writeFile = function (...parameters) {
    return isFullNow() ? Promise.reject(noSpace()) : writeFile.apply(this, parameters);
  };
}
syncBuiltinESMExports();
