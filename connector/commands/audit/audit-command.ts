import type { Command } from "commander";
import { wholeNumber } from "../arguments.ts";
import { command } from "../declare.ts";

/** Declares `audit`. */
export function auditCommand(program: Command): void {
  command("audit", "compare Pipedrive, landing, tables and Planhat; write nothing", program)
    .option("--wait <seconds>", "seconds to wait for another run on the database to end", wholeNumber, 0)
    .option("--json", "print JSON instead of text")
    .action(async (options) => {
      process.exitCode = await (await import("./audit.ts")).audit(options);
    });
}
