import { execFileSync } from "node:child_process";
import { readdirSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { Failure } from "../../failure.ts";
import { lockName } from "./folder-lock.ts";

/**
 * Throws a Failure if a database folder, or an entry directly in it, belongs to another user than this process. A
 * single command run as root would leave files there that their owner cannot read. A folder of root's is allowed if all
 * its entries are this user's, as with the mount point of a volume.
 */
export function refuseForeignFolder(location: string): void {
  const self = process.geteuid?.();
  if (self === undefined) return;
  const folder = resolve(location);
  const owner = ownerOf(folder);
  if (owner === undefined) return;
  if (owner !== self && (owner !== 0 || !canList(folder))) throw foreignFailure(location, owner, self);
  // A lock left by another user is removed, or waited for, like any other.
  const other = entriesOf(folder)
    .filter((name) => !name.startsWith(lockName))
    .map((name) => ({ name, uid: ownerOf(join(folder, name)) }))
    .find(({ uid }) => uid !== undefined && uid !== self);
  if (other !== undefined) throw foreignFailure(location, other.uid!, self, other.name);
}

/**
 * Returns a Failure with the chown command if a database folder holds files of another user at any depth; otherwise
 * undefined.
 */
export function foreignFileFailure(location: string, folder = location): Failure | undefined {
  const self = process.geteuid?.();
  if (self === undefined) return undefined;
  const found = findForeign(resolve(folder), "", self);
  return found === undefined ? undefined : foreignFailure(location, found.uid, self, found.name);
}

function findForeign(folder: string, name: string, self: number): { name: string; uid: number } | undefined {
  const path = join(folder, name);
  const uid = ownerOf(path);
  // The folder itself may be root's, as in `refuseForeignFolder`.
  if (uid !== undefined && uid !== self && !(name === "" && uid === 0)) return { name: name || ".", uid };
  for (const entry of entriesOf(path)) {
    const found = findForeign(folder, join(name, entry), self);
    if (found !== undefined) return found;
  }
  return undefined;
}

function entriesOf(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    // A file, or a folder that cannot be read.
    return [];
  }
}

function canList(folder: string): boolean {
  try {
    readdirSync(folder);
    return true;
  } catch {
    return false;
  }
}

function ownerOf(path: string): number | undefined {
  try {
    return statSync(path).uid;
  } catch {
    return undefined;
  }
}

function foreignFailure(location: string, uid: number, self: number, name?: string): Failure {
  const [owner, user] = [userName(uid), userName(self)];
  const what = name === undefined ? "belongs to user" : "holds files of user";
  const example = name === undefined ? "" : `, such as ${name}`;
  const way = uid === 0 ? "Hand" : `Run it as ${owner}, or hand`;
  const path = /^[\w./-]+$/.test(location) ? location : `'${location.replaceAll("'", "'\\''")}'`;
  return new Failure(
    "surroundings",
    `The database folder ${location} ${what} ${owner} (uid ${uid})${example}; this command runs as ${user} (uid ${self}).`,
    {
      hint: `${way} all of it to this user: sudo chown -R ${user} ${path}`,
      remedy: "change",
    },
  );
}

/** Returns the name of a user, or the number if it has none. */
function userName(uid: number): string {
  try {
    const name = execFileSync("id", ["-un", String(uid)], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
    return name.trim() || String(uid);
  } catch {
    return String(uid);
  }
}
