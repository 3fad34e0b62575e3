import { randomUUID } from "node:crypto";
import { unlinkSync } from "node:fs";
import { link, readFile, stat, unlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Failure } from "../../failure.ts";
import { isRunning, ownIdentity, type ProcessIdentity } from "./process-identity.ts";

/** The lock's name in a database folder, and the prefix of the temporary files beside it. */
export const lockName = "lock";

/** The content of a lock file: its process, and since when it holds the lock. */
interface LockContent extends ProcessIdentity {
  since: string;
  /** Distinguishes two locks of one process. */
  token: string;
}

/** Interval (ms) at which a held lock is checked while waiting. */
const pollMilliseconds = 100;

/**
 * Takes the lock of a database folder for this process and returns the function that releases it. Waits up to
 * `waitSeconds` for another process; takes over the lock of a dead one. Throws a Failure if the lock stays held.
 */
export async function lockFolder(
  folder: string,
  shown: string,
  { waitSeconds, signal }: { waitSeconds?: number; signal?: AbortSignal } = {},
): Promise<() => Promise<void>> {
  const path = join(folder, lockName);
  const content: LockContent = { ...(await ownIdentity()), since: new Date().toISOString(), token: randomUUID() };
  const deadline = performance.now() + (waitSeconds ?? 0) * 1000;
  for (;;) {
    signal?.throwIfAborted();
    if (await create(folder, path, content)) break;
    const holder = await read(path);
    if (holder === undefined) continue;
    if (!(holder !== "unreadable" && (await isRunning(holder)))) {
      if (await removeDead(folder, path, holder)) continue;
    }
    if (performance.now() >= deadline) throw inUse(shown, path, holder, waitSeconds);
    await sleep(pollMilliseconds, undefined, signal === undefined ? {} : { signal });
  }
  const releaseAtExit = () => {
    try {
      unlinkSync(path);
    } catch {
      // Removed by hand: the folder is free either way.
    }
  };
  process.once("exit", releaseAtExit);
  return async () => {
    process.removeListener("exit", releaseAtExit);
    await unlink(path).catch(() => undefined);
  };
}

/** Creates the lock together with its content: a hard link to a finished file either appears or does not. */
async function create(folder: string, path: string, content: LockContent): Promise<boolean> {
  const draft = join(folder, `${lockName}.${content.token}`);
  await writeFile(draft, JSON.stringify(content), { flag: "wx", mode: 0o600 });
  try {
    await link(draft, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  } finally {
    await unlink(draft).catch(() => undefined);
  }
}

async function read(path: string): Promise<LockContent | "unreadable" | undefined> {
  try {
    const content = JSON.parse(await readFile(path, "utf8")) as Partial<LockContent>;
    return typeof content.pid === "number" ? (content as LockContent) : "unreadable";
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ENOENT" ? undefined : "unreadable";
  }
}

/** Longest removal of a dead lock (ms): it takes milliseconds, so a process that needs longer has died. */
const longestRemoval = 10_000;

/**
 * Removes the lock of a dead process; false if the lock cannot be read. Several processes may find it dead, and a slow
 * one must not remove the new lock of a fast one. So one at a time checks that the dead lock is still there, then
 * removes it.
 */
async function removeDead(folder: string, path: string, dead: LockContent | "unreadable"): Promise<boolean> {
  if (dead === "unreadable") return false;
  const turn = join(folder, `${lockName}.removing`);
  try {
    await writeFile(turn, "", { flag: "wx", mode: 0o600 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    const begun = await stat(turn).then(
      ({ mtimeMs }) => mtimeMs,
      () => Date.now(),
    );
    if (Date.now() - begun > longestRemoval) await unlink(turn).catch(() => undefined);
    await sleep(10);
    return true;
  }
  try {
    const found = await read(path);
    if (found !== undefined && found !== "unreadable" && found.token === dead.token) await unlink(path);
  } finally {
    await unlink(turn).catch(() => undefined);
  }
  return true;
}

/** The failure of a process that did not get a database folder because another one uses it. */
export class FolderInUse extends Failure {}

/** Returns the failure for a held lock. The hint names `--wait` only to a command that has it: one that gave a time. */
function inUse(
  shown: string,
  path: string,
  holder: LockContent | "unreadable",
  waitSeconds: number | undefined,
): Failure {
  if (holder === "unreadable") {
    return new Failure("surroundings", `The lock of the database folder ${shown} cannot be read.`, {
      hint: `If no other process uses the folder, delete ${path}.`,
    });
  }
  const wait = waitSeconds === undefined ? "" : " (--wait <seconds> waits for it)";
  return new FolderInUse(
    "surroundings",
    `The database folder ${shown} is in use by another process (pid ${holder.pid} on ${holder.host}, since ${holder.since}).`,
    {
      hint: `Let it finish${wait} or stop it. For several processes at once use a Postgres server as \`database\`. If it no longer runs on any machine, delete ${path}.`,
    },
  );
}
