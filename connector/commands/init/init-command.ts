import type { Command } from "commander";
import { command } from "../declare.ts";

/** Declares `init`. */
export function initCommand(program: Command): void {
  command("init", "start here: ask, try, and write the config, the mapping and .env", program)
    .option("--company-url <address>", "Pipedrive's address of the company, as the browser shows it")
    .option("--token-file <file>", "file with the API token, - for stdin; else PIPEDRIVE_API_TOKEN, else asked")
    .option("--database <place>", "folder from the config on, or postgres:// URL (./planhat-data if not asked)")
    .option("--yes", "ask nothing: take the options and the defaults")
    .option("--json", "print JSON instead of text")
    .action(async (options) => {
      process.exitCode = await (await import("./init.ts")).init(options);
    });
}
