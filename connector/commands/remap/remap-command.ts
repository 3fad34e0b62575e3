import type { Command } from "commander";
import { wholeNumber } from "../arguments.ts";
import { command } from "../declare.ts";

/** Declares `remap`. */
export function remapCommand(program: Command): void {
  command("remap", "map every landed record again with the current mapping, with no request to Pipedrive", program)
    .option("--wait <seconds>", "wait this long for another run on the database to end", wholeNumber, 0)
    .option("--clear-unmapped", "clear fields that are no longer mapped, where they hold what the connector wrote")
    .option("--yes", "agree to that; where the brake would stop this run, it goes on")
    .option("--json", "print the result as one JSON object")
    .action(async (options) => {
      process.exitCode = await (await import("./remap.ts")).remap(options);
    });
}
