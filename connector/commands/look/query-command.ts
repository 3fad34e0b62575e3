import { type Command, Option } from "commander";
import { wholeNumber } from "../arguments.ts";
import { command } from "../declare.ts";

/** Declares `query`. */
export function queryCommand(program: Command): void {
  command("query", "run one read-only SQL statement and print its rows", program)
    .argument("[sql]", "SQL statement; read from stdin if omitted or -")
    .addOption(
      new Option("--format <format>", "row format (default: table on a terminal, else csv)").choices([
        "table",
        "csv",
        "json",
        "jsonl",
      ]),
    )
    .option("--timeout <seconds>", "seconds before a statement is stopped; 0 for no limit", wholeNumber, 30)
    .option("--raw", "print CSV for programs: no apostrophes, LF line ends")
    .action(async (sql: string | undefined, options) => {
      process.exitCode = await (await import("./query.ts")).runQuery(sql, options);
    });
}
