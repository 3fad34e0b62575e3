import { type Command, Option } from "commander";
import { modelNames } from "../../model-name.ts";
import { collect, oneOf, wholeNumber } from "../arguments.ts";
import { command } from "../declare.ts";

/** Declares `undo`. */
export function undoCommand(program: Command): void {
  command(
    "undo",
    "take the changes of a run back; without --yes it shows what that would do, and writes nothing",
    program,
  )
    .argument("<run>", "the run's id, its first 8 characters, or last")
    .addOption(
      new Option("--model <model>", "only rows of this model; may be repeated").argParser(
        (text, models: string[] = []) => [...models, oneOf(text, modelNames)],
      ),
    )
    .addOption(new Option("--field <field>", "only this field, as custom.Tier; may be repeated").argParser(collect))
    .addOption(new Option("--id <record id>", "only rows of this record; may be repeated").argParser(collect))
    .option("--created", "remove the rows that the run made, too")
    .option("--sent", "take back what it sent to Pipedrive, too")
    .option("--wait <seconds>", "wait this long for another run on the database to end", wholeNumber, 0)
    .option("--yes", "do it")
    .option("--json", "print the result as one JSON object")
    .action(async (run: string, options) => {
      process.exitCode = await (await import("./undo.ts")).undo(run, options);
    });
}
