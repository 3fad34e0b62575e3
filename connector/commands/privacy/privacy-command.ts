import type { Command } from "commander";
import type { CommonOptions } from "../common-options.ts";
import { command, group } from "../declare.ts";

/** Declares `privacy` and its verb. */
export function privacyCommand(program: Command): void {
  const privacy = group("privacy", "show what the database keeps of persons", program);

  command("report", "show each table: rows, oldest, purpose, how it goes", privacy)
    .option("--json", "print JSON instead of text")
    .action(async (options: CommonOptions & { json?: true }) => {
      process.exitCode = await (await import("./privacy-report.ts")).privacyReport(options);
    });
}
