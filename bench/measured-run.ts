import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync } from "node:fs";

/** The cost of a process, measured from outside. */
export interface ProcessCost {
  /** Wall clock, from its start to its end. */
  seconds: number;
  /** Processor time, its own and the kernel's for it; 0 on a system without /proc. */
  cpuSeconds: number;
  /** The largest resident size observed, in MB; 0 on a system without /proc. */
  peakMegabytes: number;
}

/** A whole process: its cost and its output. */
export interface MeasuredRun extends ProcessCost {
  status: number | null;
  stdout: string;
  stderr: string;
}

/** Runs a command and measures it. */
export async function measuredRun(
  command: string,
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<MeasuredRun> {
  const child = spawn(command, args, { env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe"] });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
    stdout += chunk;
  });
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
    stderr += chunk;
  });
  const { status, ...cost } = await processCost(child);
  return { status, stdout, stderr, ...cost };
}

/** Watches a process from its start to its end. */
export async function processCost(child: ChildProcess): Promise<ProcessCost & { status: number | null }> {
  const started = performance.now();
  let cost = { cpuSeconds: 0, peakMegabytes: 0 };
  // Both values only grow, so a rare sample misses only the growth after the last one.
  const watch = setInterval(() => {
    cost = costSoFar(child.pid) ?? cost;
  }, 20);
  const status = await new Promise<number | null>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", resolve);
  });
  clearInterval(watch);
  return { status, seconds: (performance.now() - started) / 1000, ...cost };
}

/** Returns the cost of a process so far; undefined if it has ended, or on a system without /proc. */
export function costSoFar(pid: number | undefined): Omit<ProcessCost, "seconds"> | undefined {
  try {
    const peak = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
    // Fields 14 and 15 of the line, in hundredths of a second; the second may hold anything, between parentheses.
    const [user, system] = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1)!.split(" ").slice(11, 13);
    if (peak === undefined) return undefined;
    return { cpuSeconds: (Number(user) + Number(system)) / 100, peakMegabytes: Math.round(Number(peak) / 1024) };
  } catch {
    return undefined;
  }
}

/** Returns the middle one of the numbers. */
export function median(numbers: readonly number[]): number {
  return [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)]!;
}
