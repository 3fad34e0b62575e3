import { type Command, Option } from "commander";
import { modelNames } from "../../model-name.ts";
import { collect, oneOf, wholeNumber } from "../arguments.ts";
import { command } from "../declare.ts";

/** Declares `undo`. */
export function undoCommand(program: Command): void {
  command("undo", "undo the changes of a run; without --yes, only show them", program)
    .argument("<run>", "run id, its first 8 characters, or last")
    .addOption(
      new Option("--model <model>", "undo only rows of this model; may be repeated").argParser(
        (text, models: string[] = []) => [...models, oneOf(text, modelNames)],
      ),
    )
    .addOption(new Option("--field <field>", "undo only this field (custom.Tier); may be repeated").argParser(collect))
    .addOption(new Option("--id <record id>", "undo only rows of this record; may be repeated").argParser(collect))
    .option("--created", "delete the rows that the run created, too")
    .option("--sent", "revert the values that it sent to Pipedrive, too")
    .option("--wait <seconds>", "seconds to wait for another run on the database to end", wholeNumber, 0)
    .option("--yes", "write the undo")
    .option("--json", "print JSON instead of text")
    .action(async (run: string, options) => {
      process.exitCode = await (await import("./undo.ts")).undo(run, options);
    });
}
