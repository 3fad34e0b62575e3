import type { Command } from "commander";
import type { CommonOptions } from "../common-options.ts";
import { command } from "../declare.ts";

/** Declares `check`. */
export function checkCommand(program: Command): void {
  command("check", "check the config, the token, the database and the mapping", program)
    .option("--json", "print the Airbyte message, even on a terminal")
    .option("--planhat-probe", "test Planhat's undocumented behavior on a temporary company")
    .action(async (options: CommonOptions & { json?: true; planhatProbe?: true }) => {
      process.exitCode = await (await import("./check.ts")).check(options);
    });
}
