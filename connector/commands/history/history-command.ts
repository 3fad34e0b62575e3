import { Argument, type Command } from "commander";
import { type ModelName, modelNames } from "../../model-name.ts";
import { type StreamName, streamNames } from "../../stream-name.ts";
import { oneOf, wholeNumber } from "../arguments.ts";
import { command } from "../declare.ts";

/** Declares `history`. */
export function historyCommand(program: Command): void {
  command("history", "tell the story of one record and its row: who wrote which value when, and why", program)
    .addArgument(
      new Argument("<stream or model>", [...streamNames, ...modelNames].join(", ")).argParser((text: string) =>
        oneOf(text, [...streamNames, ...modelNames]),
      ),
    )
    .argument("<id>", "the record's id in Pipedrive")
    .option("--limit <number>", "show at most this many events, the last ones; --json shows all", wholeNumber, 40)
    .option("--json", "print one JSON document")
    .action(async (word: StreamName | ModelName, id: string, options) => {
      process.exitCode = await (await import("./history.ts")).history(word, id, options);
    });
}
