import type { Command } from "commander";
import { wholeNumber } from "../arguments.ts";
import { command } from "../declare.ts";

/** Declares `audit`. */
export function auditCommand(program: Command): void {
  command(
    "audit",
    "compare Pipedrive, the landing, the tables and Planhat, and account for every difference; writes nothing",
    program,
  )
    .option("--wait <seconds>", "wait this long for another run on the database to end", wholeNumber, 0)
    .option("--json", "print the result as one JSON object")
    .action(async (options) => {
      process.exitCode = await (await import("./audit.ts")).audit(options);
    });
}
