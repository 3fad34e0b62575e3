import { execFile } from "node:child_process";
import { readFile, readlink } from "node:fs/promises";
import { hostname } from "node:os";
import { promisify } from "node:util";

/** The identity of a process, distinct from a later process with the same id. */
export interface ProcessIdentity {
  pid: number;
  /** Its start time in the system's own form; null if unknown. */
  started: string | null;
  host: string;
  /** The boot and the pid namespace in which the pid counts (Linux); null on other systems. */
  realm: string | null;
}

/** Returns the identity of this process. */
export async function ownIdentity(): Promise<ProcessIdentity> {
  return { pid: process.pid, started: await startOf(process.pid), host: hostname(), realm: await currentRealm() };
}

/**
 * Returns whether the process still runs. A process of another machine cannot be seen, so it counts as running. A
 * process from before this machine's last boot, or this container's last start, does not. Nor does a zombie, which has
 * ended and holds nothing, and waits for its parent.
 */
export async function isRunning(identity: ProcessIdentity): Promise<boolean> {
  if (identity.host !== hostname()) return true;
  if (identity.realm !== (await currentRealm())) return false;
  try {
    process.kill(identity.pid, 0);
  } catch (error) {
    // EPERM: it runs as another user.
    if ((error as NodeJS.ErrnoException).code !== "EPERM") return false;
  }
  const { started, ended } = await look(identity.pid);
  if (ended) return false;
  return started === null || identity.started === null || started === identity.started;
}

/** The system's data about a process. */
interface Sight {
  started: string | null;
  /** True for a zombie. */
  ended: boolean;
}

async function startOf(pid: number): Promise<string | null> {
  return (await look(pid)).started;
}

async function look(pid: number): Promise<Sight> {
  try {
    return process.platform === "linux" ? await lookInProc(pid) : await askPs(pid);
  } catch {
    return { started: null, ended: false };
  }
}

async function lookInProc(pid: number): Promise<Sight> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8");
  // proc(5): field 3 is state, field 22 is starttime; the second field, in parentheses, may contain spaces.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return { started: fields[19] ?? null, ended: isZombie(fields[0]) };
}

async function askPs(pid: number): Promise<Sight> {
  const { stdout } = await promisify(execFile)("ps", ["-o", "state=,lstart=", "-p", String(pid)], {
    env: { ...process.env, LC_ALL: "C" },
  });
  const [, state, started = ""] = /^\s*(\S*)\s*(.*?)\s*$/s.exec(stdout) ?? [];
  return { started: started || null, ended: isZombie(state) };
}

/** Returns whether a state is a zombie (Z) or, on Linux, a process being removed (X). */
function isZombie(state = ""): boolean {
  return /^[ZX]/.test(state);
}

async function currentRealm(): Promise<string | null> {
  try {
    const boot = await readFile("/proc/sys/kernel/random/boot_id", "utf8");
    return `${boot.trim()} ${await readlink("/proc/self/ns/pid")}`;
  } catch {
    return null;
  }
}
