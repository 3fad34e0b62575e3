import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";

/** What a whole process cost, from outside. */
export interface MeasuredRun {
  status: number | null;
  stdout: string;
  stderr: string;
  /** Wall clock. */
  seconds: number;
  /** The largest resident size that was seen, in MB; 0 where the system has no /proc. */
  peakMegabytes: number;
}

/** Runs a command to its end and measures it. */
export async function measuredRun(
  command: string,
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<MeasuredRun> {
  const started = performance.now();
  const child = spawn(command, args, { env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe"] });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
    stdout += chunk;
  });
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
    stderr += chunk;
  });
  let peak = 0;
  // VmHWM is the kernel's own high-water mark, so a rare look misses only what comes after the last one.
  const watch = setInterval(() => {
    peak = Math.max(peak, highWaterMark(child.pid));
  }, 50);
  const status = await new Promise<number | null>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", resolve);
  });
  clearInterval(watch);
  return {
    status,
    stdout,
    stderr,
    seconds: (performance.now() - started) / 1000,
    peakMegabytes: Math.round(peak / 1024),
  };
}

function highWaterMark(pid: number | undefined): number {
  try {
    return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0);
  } catch {
    return 0;
  }
}

/** The middle one of the numbers. */
export function median(numbers: readonly number[]): number {
  return [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)]!;
}
