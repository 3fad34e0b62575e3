import { type Command, Option } from "commander";
import { modelNames } from "../../model-name.ts";
import { recordId, wholeNumber } from "../arguments.ts";
import { command, group } from "../declare.ts";

/** Declares `holds` and its verbs. */
export function holdsCommand(program: Command): void {
  const holds = group("holds", "list and release the values that an undo holds", program);

  command("list", "list the values held since an undo, newest first", holds)
    .option("--limit <number>", "show at most this many; --json shows all", wholeNumber, 50)
    .addOption(new Option("--model <model>", "list only this model").choices(modelNames))
    .option("--record <id>", "list only the record with this Pipedrive id", recordId)
    .option("--field <field>", "list only this field (custom.Tier)")
    .option("--json", "print JSON instead of text")
    .action(async (options) => {
      process.exitCode = await (await import("./holds.ts")).holdsList(options);
    });

  command("release", "release holds: the next sync writes the mapped values", holds)
    .argument("[id...]", "hold ids from holds list")
    .option("--wait <seconds>", "seconds to wait for another run on the database to end", wholeNumber, 0)
    .option("--yes", "release all holds")
    .option("--json", "print JSON instead of text")
    .action(async (ids: string[], options) => {
      process.exitCode = await (await import("./holds.ts")).holdsRelease(ids, options);
    });
}
