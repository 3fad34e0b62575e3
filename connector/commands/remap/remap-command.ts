import type { Command } from "commander";
import { wholeNumber } from "../arguments.ts";
import { command } from "../declare.ts";

/** Declares `remap`. */
export function remapCommand(program: Command): void {
  command("remap", "map every landed record again, without requests to Pipedrive", program)
    .option("--wait <seconds>", "seconds to wait for another run on the database to end", wholeNumber, 0)
    .option("--clear-unmapped", "clear unmapped fields that still hold the connector's value")
    .option("--yes", "approve the clearing, and pass the brake")
    .option("--json", "print JSON instead of text")
    .action(async (options) => {
      process.exitCode = await (await import("./remap.ts")).remap(options);
    });
}
