import { type Command, Option } from "commander";
import { revenueKinds } from "../../model-name.ts";
import type { StreamName } from "../../stream-name.ts";
import { streamArgument } from "../arguments.ts";
import type { CommonOptions } from "../common-options.ts";
import { command, group } from "../declare.ts";

/** Declares `mapping` and its verbs. */
export function mappingCommand(program: Command): void {
  const mapping = group("mapping", "check, preview and create mapping files", program);

  command("check", "show every problem of the mapping files", mapping)
    .option("--json", "print JSON instead of text")
    .action(async (options: CommonOptions & { json?: true }) => {
      process.exitCode = await (await import("./mapping-check.ts")).mappingCheck(options);
    });

  command("preview", "show a mapped record and the changes to its row", mapping)
    .addArgument(streamArgument())
    .argument("<id or file>", "Pipedrive record id, or a JSON file with a record")
    .option("--watch", "show it again when a mapping file is saved")
    .option("--json", "print JSON instead of text")
    .action(async (stream: StreamName, what: string, options) => {
      process.exitCode = await (await import("./mapping-preview.ts")).mappingPreview(stream, what, options);
    });

  command("fields", "list a stream's fields, how often filled and where mapped", mapping)
    .addArgument(streamArgument())
    .option("--json", "print JSON instead of text")
    .action(async (stream: StreamName, options: CommonOptions & { json?: true }) => {
      process.exitCode = await (await import("./mapping-fields.ts")).mappingFields(stream, options);
    });

  command("init", "write starter mapping files for this account", mapping)
    .addOption(
      new Option("--models <kind>", "revenue models of the tenant (default: those it has)").choices(revenueKinds),
    )
    .addOption(new Option("--deals <which>", "all: deals of every status, not only won ones").choices(["all"]))
    .option("--force", "replace files that differ and keep a copy of each")
    .option("--json", "print JSON instead of text")
    .action(async (options) => {
      process.exitCode = await (await import("./mapping-init.ts")).mappingInit(options);
    });

  command("test", "run the test cases of the mapping files", mapping)
    .option("--json", "print JSON instead of text")
    .action(async (options: CommonOptions & { json?: true }) => {
      process.exitCode = await (await import("./mapping-test.ts")).mappingTest(options);
    });
}
