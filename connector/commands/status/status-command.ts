import type { Command } from "commander";
import type { CommonOptions } from "../common-options.ts";
import { command } from "../declare.ts";

/** Declares `status`. */
export function statusCommand(program: Command): void {
  command("status", "show the last runs, freshness, backlog, rejections and the API budget used today", program)
    .option("--json", "print one JSON document")
    .action(async (options: CommonOptions & { json?: true }) => {
      process.exitCode = await (await import("./status.ts")).status(options);
    });
}
