import { randomUUID } from "node:crypto";
import { unlinkSync } from "node:fs";
import { link, readFile, stat, unlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Failure } from "../failure.ts";
import { isRunning, ownIdentity, type ProcessIdentity } from "./process-identity.ts";

/** Where the lock of a database folder is, and what else this file puts beside it for a moment. */
export const lockName = "lock";

/** What a lock file says: whose it is, and since when. */
interface LockContent extends ProcessIdentity {
  since: string;
  /** Tells two locks of one process apart. */
  token: string;
}

/** How often a held lock is looked at again while waiting. */
const pollMilliseconds = 100;

/**
 * Takes the lock of a database folder for this process, waiting up to `waitSeconds` for another to release it, and
 * returns what releases it. A lock whose process is dead is taken over. Throws a Failure when it stays held.
 */
export async function lockFolder(
  folder: string,
  shown: string,
  { waitSeconds = 0, signal }: { waitSeconds?: number; signal?: AbortSignal } = {},
): Promise<() => Promise<void>> {
  const path = join(folder, lockName);
  const content: LockContent = { ...(await ownIdentity()), since: new Date().toISOString(), token: randomUUID() };
  const deadline = performance.now() + waitSeconds * 1000;
  for (;;) {
    signal?.throwIfAborted();
    if (await create(folder, path, content)) break;
    const holder = await read(path);
    if (holder === undefined) continue;
    if (!(holder !== "unreadable" && (await isRunning(holder)))) {
      if (await removeDead(folder, path, holder)) continue;
    }
    if (performance.now() >= deadline) throw inUse(shown, path, holder);
    await sleep(pollMilliseconds, undefined, signal === undefined ? {} : { signal });
  }
  const releaseAtExit = () => {
    try {
      unlinkSync(path);
    } catch {
      // Someone removed it by hand: it is free either way.
    }
  };
  process.once("exit", releaseAtExit);
  return async () => {
    process.removeListener("exit", releaseAtExit);
    await unlink(path).catch(() => undefined);
  };
}

/** Creates the lock with its whole content at once: a link to a finished file appears or does not. */
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

/** Who removes a dead lock takes milliseconds: one that is still at it after this has died over it. */
const longestRemoval = 10_000;

/**
 * Removes the lock of a dead process. Several may find it dead at once, and the slower must not remove the lock that the
 * faster has made since: so one at a time looks again whether it is still there, and removes it. False for a lock that
 * cannot be read.
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

function inUse(shown: string, path: string, holder: LockContent | "unreadable"): Failure {
  if (holder === "unreadable") {
    return new Failure("surroundings", `The lock of the database folder ${shown} cannot be read.`, {
      hint: `If no other process uses the folder, delete ${path}.`,
    });
  }
  return new Failure(
    "surroundings",
    `The database folder ${shown} is in use by another process (pid ${holder.pid} on ${holder.host}, since ${holder.since}).`,
    {
      hint: `Let it finish (--wait <seconds> waits for it) or stop it. For several processes at once use a Postgres server as \`database\`. If it runs on no machine any more, delete ${path}.`,
    },
  );
}
