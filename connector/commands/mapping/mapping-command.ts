import type { Command } from "commander";
import type { StreamName } from "../../stream-name.ts";
import { streamArgument } from "../arguments.ts";
import type { CommonOptions } from "../common-options.ts";
import { command, group } from "../declare.ts";

/** Declares `mapping` and its verbs. */
export function mappingCommand(program: Command): void {
  const mapping = group("mapping", "check, try and start the mapping files", program);

  command(
    "check",
    "show every problem of the mapping files, checked against the account where it can be asked",
    mapping,
  )
    .option("--json", "print one JSON document")
    .action(async (options: CommonOptions & { json?: true }) => {
      process.exitCode = await (await import("./mapping-check.ts")).mappingCheck(options);
    });

  command("preview", "show one record mapped, field by field, and what would change in its row", mapping)
    .addArgument(streamArgument())
    .argument("<id or file>", "the record's id in Pipedrive, or a JSON file that holds a record")
    .option("--watch", "show it again whenever a mapping file is saved")
    .option("--json", "print one JSON document")
    .action(async (stream: StreamName, what: string, options) => {
      process.exitCode = await (await import("./mapping-preview.ts")).mappingPreview(stream, what, options);
    });

  command("fields", "list a stream's fields: label, key, type, options, how often filled, where mapped", mapping)
    .addArgument(streamArgument())
    .option("--json", "print one JSON document")
    .action(async (stream: StreamName, options: CommonOptions & { json?: true }) => {
      process.exitCode = await (await import("./mapping-fields.ts")).mappingFields(stream, options);
    });

  command("init", "write mapping files to start with, made for this account", mapping)
    .option("--force", "replace files that differ, keeping a copy of each")
    .option("--json", "print one JSON document")
    .action(async (options) => {
      process.exitCode = await (await import("./mapping-init.ts")).mappingInit(options);
    });

  command("test", "run the cases in the tests folder of the mappings", mapping)
    .option("--json", "print one JSON document")
    .action(async (options: CommonOptions & { json?: true }) => {
      process.exitCode = await (await import("./mapping-test.ts")).mappingTest(options);
    });
}
