import { type Command, Option } from "commander";
import { wholeNumber } from "../arguments.ts";
import { command } from "../declare.ts";

/** Declares `query`. */
export function queryCommand(program: Command): void {
  command("query", "run one statement that reads the database, and print its rows", program)
    .argument("[sql]", "the statement; without it, or for -, it is read from stdin")
    .addOption(
      new Option("--format <format>", "how rows are printed (default: table on a terminal, else csv)").choices([
        "table",
        "csv",
        "json",
        "jsonl",
      ]),
    )
    .option("--timeout <seconds>", "stop a statement that works longer; 0 for no limit", wholeNumber, 30)
    .option("--raw", "CSV for programs: no apostrophe before what a spreadsheet would compute, lines end with LF")
    .action(async (sql: string | undefined, options) => {
      process.exitCode = await (await import("./query.ts")).query(sql, options);
    });
}
