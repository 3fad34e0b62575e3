import { type Command, Option } from "commander";
import { modelNames } from "../../model-name.ts";
import { streamNames } from "../../stream-name.ts";
import { recordId, wholeNumber } from "../arguments.ts";
import { command, group } from "../declare.ts";

/** Declares `rejections` and its verbs. */
export function rejectionsCommand(program: Command): void {
  const rejections = group("rejections", "list, retry and dismiss rejected records and fields", program);

  command("list", "list rejections and their reasons, newest first", rejections)
    .option("--limit <number>", "show at most this many; --json shows all", wholeNumber, 50)
    .option("--all", "list dismissed rejections too")
    .addOption(new Option("--stream <stream>", "list the rejections of this stream only").choices(streamNames))
    .addOption(new Option("--model <model>", "list only this model").choices(modelNames))
    .option("--record <id>", "list only the record with this Pipedrive id", recordId)
    .option("--field <field>", "list only this field (custom.Tier)")
    .option("--reason <text>", "list only rejections whose reason contains this text")
    .addOption(new Option("--sort <order>", "the newest first, or by record").choices(["since", "record"]))
    .option("--json", "print JSON instead of text")
    .action(async (options) => {
      process.exitCode = await (await import("./rejections.ts")).rejectionsList(options);
    });

  command("retry", "retry all rejections, or those with the given ids", rejections)
    .argument("[id...]", "rejection ids from rejections list")
    .option("--wait <seconds>", "seconds to wait for another run on the database to end", wholeNumber, 0)
    .option("--json", "print JSON instead of text")
    .action(async (ids: string[], options) => {
      process.exitCode = await (await import("./rejections.ts")).rejectionsRetry(ids, options);
    });

  command("dismiss", "dismiss rejections until their records change", rejections)
    .argument("<id...>", "rejection ids from rejections list")
    .option("--json", "print JSON instead of text")
    .action(async (ids: string[], options) => {
      process.exitCode = await (await import("./rejections-dismiss.ts")).rejectionsDismiss(ids, options);
    });
}
