import { type ChildProcess, spawn } from "node:child_process";
import { packageRoot } from "../connector/package-root.ts";
import type { BinResult } from "./run-bin.ts";

/** A run of the bin on a terminal of its own, and somebody who types. */
export interface TerminalRun {
  /** Waits until the terminal shows `shown` since the last answer, and types the text with Enter; or a key alone. */
  answer(shown: string, text: string | { key: string }): Promise<void>;
  /** Waits until the terminal shows a text. */
  see(shown: string): Promise<void>;
  /** Closes the terminal, as a window or a connection that ends. */
  hangUp(): void;
  ended: Promise<BinResult>;
  /** The process of the terminal. */
  child: ChildProcess;
}

/** Says whether util-linux's `script`, which makes the terminal, is here. */
export const hasTerminals = process.platform === "linux";

/** Starts the built bin on a pseudo-terminal of `script`; stdout is all that the terminal shows. */
export function runOnTerminal(folder: string, args: readonly string[], env: Record<string, string> = {}): TerminalRun {
  const command = [process.execPath, `${packageRoot}dist/main.js`, ...args].map((word) => `'${word}'`).join(" ");
  const child = spawn("script", ["-qefc", command, "/dev/null"], {
    cwd: folder,
    env: { PATH: process.env["PATH"] ?? "", HOME: folder, TERM: "dumb", ...env },
    stdio: ["pipe", "pipe", "pipe"],
  });
  let stdout = "";
  let from = 0;
  let onData = () => {};
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
    stdout += chunk;
    onData();
  });
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
    stderr += chunk;
  });
  const ended = new Promise<BinResult>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (status, signal) => {
      resolve({ status, signal, stdout: stdout.replaceAll("\r\n", "\n"), stderr });
      onData();
    });
  });
  const see = (shown: string) =>
    new Promise<void>((resolve, reject) => {
      onData = () => {
        if (stdout.indexOf(shown, from) !== -1) resolve();
        else if (child.exitCode !== null) reject(new Error(`The terminal never showed "${shown}":\n${stdout}`));
      };
      onData();
    });
  return {
    async answer(shown, text) {
      await see(shown);
      from = stdout.length;
      child.stdin.write(typeof text === "string" ? `${text}\r` : text.key);
    },
    see,
    hangUp: () => void child.kill("SIGKILL"),
    ended,
    child,
  };
}
