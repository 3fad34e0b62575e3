import { Argument, type Command } from "commander";
import type { StreamName } from "../../stream-name.ts";
import { recordId, streamArgument } from "../arguments.ts";
import type { CommonOptions } from "../common-options.ts";
import { command } from "../declare.ts";

/** Declares `explain`. */
export function explainCommand(program: Command): void {
  command(
    "explain",
    "say why a record is or is not in Planhat: each rule with its verdict, each field, the row",
    program,
  )
    .addArgument(streamArgument())
    .addArgument(new Argument("<id>", "the record's id in Pipedrive").argParser(recordId))
    .option("--json", "print one JSON document")
    .action(async (stream: StreamName, id: number, options: CommonOptions & { json?: true }) => {
      process.exitCode = await (await import("./explain.ts")).explain(stream, id, options);
    });
}
