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
 * Whether the process still runs. A process of another machine cannot be seen, so it counts as running. One of this
 * machine before its last boot, or of this container before its last start, does not; nor does a zombie, which has
 * ended and holds nothing, but whose parent has not asked how.
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
  const { started, ended } = await look(identity.pid);
  if (ended) return false;
  return started === null || identity.started === null || started === identity.started;
}

/** What the system tells of a process that it lists. */
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
  // proc(5): field 3, state, and field 22, starttime; the second field, in parentheses, may hold spaces.
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

/** Z is a zombie, X (Linux) one that is just being removed. */
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
