import { type Command, Option } from "commander";
import { modelNames } from "../../model-name.ts";
import { streamNames } from "../../stream-name.ts";
import { recordId, wholeNumber } from "../arguments.ts";
import { command, group } from "../declare.ts";

/** Declares `rejections` and its verbs. */
export function rejectionsCommand(program: Command): void {
  const rejections = group("rejections", "show what could not be stored and why, and try it again", program);

  command("list", "show what was rejected and why, the newest first", rejections)
    .option("--limit <number>", "show at most this many; --json shows all", wholeNumber, 50)
    .option("--all", "show dismissed ones too")
    .addOption(new Option("--stream <stream>", "only those of one stream").choices(streamNames))
    .addOption(new Option("--model <model>", "only those of one model").choices(modelNames))
    .option("--record <id>", "only those of the record with this id in Pipedrive", recordId)
    .option("--field <field>", "only those of this field, as custom.Tier")
    .option("--reason <text>", "only those whose reason holds this text")
    .addOption(new Option("--sort <order>", "the newest first, or by record").choices(["since", "record"]))
    .option("--json", "print one JSON document")
    .action(async (options) => {
      process.exitCode = await (await import("./rejections.ts")).rejectionsList(options);
    });

  command("retry", "try rejections again: all of them, or those with the given ids", rejections)
    .argument("[id...]", "ids, as rejections list shows them")
    .option("--wait <seconds>", "wait this long for another run on the database to end", wholeNumber, 0)
    .option("--json", "print the result as one JSON object")
    .action(async (ids: string[], options) => {
      process.exitCode = await (await import("./rejections.ts")).rejectionsRetry(ids, options);
    });

  command("dismiss", "count rejections no more until their record changes; retry takes that back", rejections)
    .argument("<id...>", "ids, as rejections list shows them")
    .option("--json", "print the result as one JSON object")
    .action(async (ids: string[], options) => {
      process.exitCode = await (await import("./rejections-dismiss.ts")).rejectionsDismiss(ids, options);
    });
}
