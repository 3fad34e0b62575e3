import type { Command } from "commander";
import type { CommonOptions } from "../common-options.ts";
import { command } from "../declare.ts";

/** Declares `demo`. */
export function demoCommand(program: Command): void {
  command("demo", "sync a sandbox twice and show the result", program)
    .option("--keep", "keep the demo's folder and print its path")
    .action(async (options: CommonOptions & { keep?: true }) => {
      process.exitCode = await (await import("./demo.ts")).demo(options);
    });
}
