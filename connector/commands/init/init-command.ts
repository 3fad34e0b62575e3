import type { Command } from "commander";
import { pipelineNames } from "../arguments.ts";
import { command } from "../declare.ts";

/** Declares `init`. */
export function initCommand(program: Command): void {
  command("init", "start here: ask, try, and write the config, the mapping and .env", program)
    .option("--company-url <address>", "Pipedrive's address of the company, as the browser shows it")
    .option("--token-file <file>", "file with the API token, - for stdin; else PIPEDRIVE_API_TOKEN, else asked")
    .option("--database <place>", "folder from the config on, or postgres:// URL (./planhat-data if not asked)")
    .option("--planhat-token-file <file>", "file with Planhat's token; else PLANHAT_API_TOKEN, else asked, else none")
    .option("--planhat-url <address>", "address of Planhat's API, if the tenant has one of its own")
    .option(
      "--pipelines <names>",
      "names or ids of the pipelines that sync, apart by commas (every one)",
      pipelineNames,
    )
    .option("--start-date-field <field>", "label or key of the field that says when a contract starts")
    .option("--yes", "ask nothing: take the options and the defaults")
    .option("--json", "print JSON instead of text")
    .action(async (options) => {
      process.exitCode = await (await import("./init.ts")).init(options);
    });
}
