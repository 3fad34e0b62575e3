import { type Command, Option } from "commander";
import { command } from "../declare.ts";

/** Declares `export`. */
export function exportCommand(program: Command): void {
  command("export", "write the Planhat tables to files, all as of one moment", program)
    .argument("[table...]", "tables, such as companies or licenses (default: all)")
    .requiredOption("--to <folder>", "folder; created if missing, existing files are replaced")
    .addOption(new Option("--format <format>", "file format").choices(["csv", "jsonl"]).default("csv"))
    .option("--raw", "write CSV for programs: no BOM, no apostrophes, LF line ends")
    .option("--json", "print JSON instead of text")
    .action(async (tables: string[], options) => {
      process.exitCode = await (await import("./export.ts")).exportTables(tables, options);
    });
}
