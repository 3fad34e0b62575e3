import type { Command } from "commander";
import type { CommonOptions } from "../common-options.ts";
import { command } from "../declare.ts";

/** Declares `status`. */
export function statusCommand(program: Command): void {
  command("status", "show last runs, freshness, backlog, rejections, API budget", program)
    .option("--json", "print JSON instead of text")
    .action(async (options: CommonOptions & { json?: true }) => {
      process.exitCode = await (await import("./status.ts")).status(options);
    });
}
