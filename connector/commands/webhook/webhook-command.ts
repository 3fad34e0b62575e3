import type { Command } from "commander";
import type { CommonOptions } from "../common-options.ts";
import { command, group } from "../declare.ts";

/** Declares `webhook` and its verbs. */
export function webhookCommand(program: Command): void {
  const webhook = group("webhook", "manage the connector's own webhook in Pipedrive; serve does it by itself", program);

  command("create", "create it; when it is there already and as it should be, nothing happens", webhook)
    .option("--json", "print one JSON document")
    .action(async (options: CommonOptions & { json?: true }) => {
      process.exitCode = await (await import("./webhook-create.ts")).webhookCreate(options);
    });

  command("list", "list it, with its last delivery", webhook)
    .option("--json", "print one JSON document")
    .action(async (options: CommonOptions & { json?: true }) => {
      process.exitCode = await (await import("./webhook-list.ts")).webhookList(options);
    });

  command("delete", "remove it, and no other", webhook)
    .option("--json", "print one JSON document")
    .action(async (options: CommonOptions & { json?: true }) => {
      process.exitCode = await (await import("./webhook-delete.ts")).webhookDelete(options);
    });
}
