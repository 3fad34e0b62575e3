import { type Command, Option } from "commander";
import { modelNames } from "../../model-name.ts";
import { recordId, wholeNumber } from "../arguments.ts";
import { command, group } from "../declare.ts";

/** Declares `holds` and its verbs. */
export function holdsCommand(program: Command): void {
  const holds = group("holds", "show what stays as an undo has left it, and let it go", program);

  command("list", "show what is held since an undo, the newest first", holds)
    .option("--limit <number>", "show at most this many; --json shows all", wholeNumber, 50)
    .addOption(new Option("--model <model>", "only those of one model").choices(modelNames))
    .option("--record <id>", "only those of the record with this id in Pipedrive", recordId)
    .option("--field <field>", "only those of this field, as custom.Tier")
    .option("--json", "print one JSON document")
    .action(async (options) => {
      process.exitCode = await (await import("./holds.ts")).holdsList(options);
    });

  command("release", "let holds go, those with the given ids or all: the next sync writes what the mapping says", holds)
    .argument("[id...]", "ids, as holds list shows them")
    .option("--wait <seconds>", "wait this long for another run on the database to end", wholeNumber, 0)
    .option("--yes", "let all of them go")
    .option("--json", "print the result as one JSON object")
    .action(async (ids: string[], options) => {
      process.exitCode = await (await import("./holds.ts")).holdsRelease(ids, options);
    });
}
