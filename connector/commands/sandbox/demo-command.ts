import type { Command } from "commander";
import type { CommonOptions } from "../common-options.ts";
import { command } from "../declare.ts";

/** Declares `demo`. */
export function demoCommand(program: Command): void {
  command(
    "demo",
    "sandbox, first sync into an embedded database, a few changes, second sync, and what came of it",
    program,
  )
    .option("--keep", "keep the demo's folder and say where it is")
    .action(async (options: CommonOptions & { keep?: true }) => {
      process.exitCode = await (await import("./demo.ts")).demo(options);
    });
}
