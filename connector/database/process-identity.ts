import { execFile } from "node:child_process";
import { readFile, readlink } from "node:fs/promises";
import { hostname } from "node:os";
import { promisify } from "node:util";

/** Which process something belongs to, told apart from a later process with the same id. */
export interface ProcessIdentity {
  pid: number;
  /** When it started, in whatever form the system tells it; null where it does not. */
  started: string | null;
  host: string;
  /** The boot and the pid namespace that the pid counts in (Linux); null where there is no such thing. */
  realm: string | null;
}

/** The identity of this process. */
export async function ownIdentity(): Promise<ProcessIdentity> {
  return { pid: process.pid, started: await startOf(process.pid), host: hostname(), realm: await currentRealm() };
}

/**
 * Whether the process still runs. A process of another machine cannot be seen, so it counts as running; one of this
 * machine before its last boot, or of this container before its last start, does not.
 */
export async function isRunning(identity: ProcessIdentity): Promise<boolean> {
  if (identity.host !== hostname()) return true;
  if (identity.realm !== (await currentRealm())) return false;
  try {
    process.kill(identity.pid, 0);
  } catch (error) {
    // EPERM: it runs, as another user.
    if ((error as NodeJS.ErrnoException).code !== "EPERM") return false;
  }
  const started = await startOf(identity.pid);
  return started === null || identity.started === null || started === identity.started;
}

async function startOf(pid: number): Promise<string | null> {
  if (process.platform === "linux") {
    try {
      const stat = await readFile(`/proc/${pid}/stat`, "utf8");
      // proc(5): field 22, starttime; the second field, in parentheses, may hold spaces.
      return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? null;
    } catch {
      return null;
    }
  }
  try {
    const { stdout } = await promisify(execFile)("ps", ["-o", "lstart=", "-p", String(pid)], {
      env: { ...process.env, LC_ALL: "C" },
    });
    return stdout.trim() || null;
  } catch {
    return null;
  }
}

async function currentRealm(): Promise<string | null> {
  try {
    const boot = await readFile("/proc/sys/kernel/random/boot_id", "utf8");
    return `${boot.trim()} ${await readlink("/proc/self/ns/pid")}`;
  } catch {
    return null;
  }
}
