import { type Command, Option } from "commander";
import { command } from "../declare.ts";

/** Declares `export`. */
export function exportCommand(program: Command): void {
  command("export", "write the Planhat tables into a folder, a file each, all as of one moment", program)
    .argument("[table...]", "which tables, as companies or licenses (default: all)")
    .requiredOption("--to <folder>", "the folder; it is made where it is missing, files of the same names are replaced")
    .addOption(new Option("--format <format>", "what the files hold").choices(["csv", "jsonl"]).default("csv"))
    .option("--raw", "CSV for programs: no byte order mark, no apostrophes, lines end with LF")
    .option("--json", "print the result as one JSON object")
    .action(async (tables: string[], options) => {
      process.exitCode = await (await import("./export.ts")).exportTables(tables, options);
    });
}
