import { Argument, type Command } from "commander";
import { type ModelName, modelNames } from "../../model-name.ts";
import { type StreamName, streamNames } from "../../stream-name.ts";
import { oneOf, wholeNumber } from "../arguments.ts";
import { command } from "../declare.ts";

/** Declares `history`. */
export function historyCommand(program: Command): void {
  command("history", "show who wrote which value of a record when, and why", program)
    .addArgument(
      new Argument("<stream or model>", [...streamNames, ...modelNames].join(", ")).argParser((text: string) =>
        oneOf(text, [...streamNames, ...modelNames]),
      ),
    )
    .argument("<id>", "Pipedrive record id")
    .option("--limit <number>", "show at most this many last events; --json shows all", wholeNumber, 40)
    .option("--json", "print JSON instead of text")
    .action(async (word: StreamName | ModelName, id: string, options) => {
      process.exitCode = await (await import("./history.ts")).history(word, id, options);
    });
}
