import { Argument, type Command } from "commander";
import type { StreamName } from "../../stream-name.ts";
import { recordId, streamArgument } from "../arguments.ts";
import type { CommonOptions } from "../common-options.ts";
import { command } from "../declare.ts";

/** Declares `explain`. */
export function explainCommand(program: Command): void {
  command("explain", "explain why a record is or is not in Planhat, rule by rule", program)
    .addArgument(streamArgument())
    .addArgument(new Argument("<id>", "Pipedrive record id").argParser(recordId))
    .option("--json", "print JSON instead of text")
    .action(async (stream: StreamName, id: number, options: CommonOptions & { json?: true }) => {
      process.exitCode = await (await import("./explain.ts")).explain(stream, id, options);
    });
}
