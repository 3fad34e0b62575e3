import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { packageRoot } from "../connector/package-root.ts";
import { configuredSecrets, expectNothingTold } from "./kept-secrets.ts";

/** The result of a run of the built bin. */
export interface BinResult {
  status: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

/**
 * Runs the built bin as a user would, in `folder`, and waits for its end. With `stdin` its input is a pipe. Throws if
 * it printed one of its secrets, unless a record of the test has the same text (`mayTell`). `bin` is that of another
 * place.
 */
export async function runBin(
  folder: string,
  args: readonly string[],
  options: {
    env?: Record<string, string>;
    onStart?: (child: ChildProcess) => void;
    stdin?: true;
    mayTell?: true;
    bin?: string;
  } = {},
): Promise<BinResult> {
  // `sandbox` prints the token of its own account, which is invented.
  const secrets = args[0] === "sandbox" || options.mayTell ? [] : configuredSecrets(folder, options.env);
  const child = spawn(process.execPath, [options.bin ?? `${packageRoot}dist/main.js`, ...args], {
    cwd: folder,
    env: { PATH: process.env["PATH"] ?? "", HOME: folder, ...options.env },
    stdio: [options.stdin === undefined ? "ignore" : "pipe", "pipe", "pipe"],
  });
  let stdout = "";
  let stderr = "";
  child.stdout!.setEncoding("utf8").on("data", (chunk: string) => {
    stdout += chunk;
  });
  child.stderr!.setEncoding("utf8").on("data", (chunk: string) => {
    stderr += chunk;
  });
  options.onStart?.(child);
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (status, signal) => {
      try {
        expectNothingTold({ stdout, stderr }, secrets);
        resolve({ status, signal, stdout, stderr });
      } catch (error) {
        reject(error);
      }
    });
  });
}

/** A folder of one test with a config in it, and a way to remove it. */
export interface Workplace {
  folder: string;
  write(name: string, text: string): void;
  remove(): void;
}

/** Creates an empty folder for one test. */
export function makeWorkplace(): Workplace {
  const folder = mkdtempSync(join(tmpdir(), "pipedrive-planhat-"));
  return {
    folder,
    write: (name, text) => writeFileSync(join(folder, name), text, { mode: 0o600 }),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
