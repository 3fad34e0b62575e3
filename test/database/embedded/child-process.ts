import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import type { Readable } from "node:stream";
import { packageRoot } from "../../../connector/package-root.ts";

/** A process that runs one of the connector's modules. */
export interface Child {
  process: ChildProcessByStdio<null, Readable, Readable>;
  /** Resolves when the process has printed the text; rejects with its output if it ends before. */
  prints(text: string): Promise<void>;
  /** Resolves when the process has ended, with its output and its exit code, or null after a signal. */
  ended: Promise<{ code: number | null; output: string; errors: string }>;
}

/** Runs JavaScript that may import `./connector/…` in a new process. */
export function runModule(code: string, ...parameters: string[]): Child {
  const child = spawn(
    process.execPath,
    ["--import", "tsx/esm", "--input-type=module", "--eval", code, "--", ...parameters],
    { cwd: packageRoot, stdio: ["ignore", "pipe", "pipe"] },
  );
  let output = "";
  let errors = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    errors += text;
  });
  const ended = once(child, "close").then(([code]) => ({ code: code as number | null, output, errors }));
  return {
    process: child,
    ended,
    prints: (text) =>
      new Promise((resolve, reject) => {
        const look = () => {
          if (output.includes(text)) resolve();
        };
        look();
        child.stdout.on("data", look);
        void ended.then(() => reject(new Error(`It ended without printing ${text}: ${output}${errors}`)));
      }),
  };
}
