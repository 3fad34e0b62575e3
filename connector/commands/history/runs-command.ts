import type { Command } from "commander";
import { collect, pointInTime, wholeNumber } from "../arguments.ts";
import { command } from "../declare.ts";

/** Declares `runs`. */
export function runsCommand(program: Command): void {
  command("runs", "list the runs, or show the changes of one, field by field", program)
    .argument("[run]", "run id, its first 8 characters, or last")
    .option("--limit <number>", "show at most this many runs or changes", wholeNumber)
    .option("--status <status>", "list only runs of this status (failed); may be repeated", collect)
    .option("--mode <mode>", "list only runs of this mode (undo); may be repeated", collect)
    .option("--since <time>", "list only runs since this time (2026-11-30)", pointInTime)
    .option("--before <run>", "list only runs before this run id: the next page")
    .option("--json", "print JSON instead of text, with all changes of a run")
    .action(async (run: string | undefined, options) => {
      process.exitCode = await (await import("./runs.ts")).runs(run, options);
    });
}
