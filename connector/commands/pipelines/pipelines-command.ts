import type { Command } from "commander";
import type { CommonOptions } from "../common-options.ts";
import { command } from "../declare.ts";

/** Declares `pipelines`. */
export function pipelinesCommand(program: Command): void {
  command("pipelines", "list the account's pipelines and mark the selected ones", program)
    .option("--json", "print JSON instead of text")
    .action(async (options: CommonOptions & { json?: true }) => {
      process.exitCode = await (await import("./pipelines.ts")).pipelines(options);
    });
}
