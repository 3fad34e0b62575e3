import type { Command } from "commander";
import type { CommonOptions } from "../common-options.ts";
import { command, group } from "../declare.ts";

/** Declares `webhook` and its verbs. */
export function webhookCommand(program: Command): void {
  const webhook = group("webhook", "manage the connector's webhook; serve does so automatically", program);

  command("create", "create the connector's webhook, if missing", webhook)
    .option("--json", "print JSON instead of text")
    .action(async (options: CommonOptions & { json?: true }) => {
      process.exitCode = await (await import("./webhook-create.ts")).webhookCreate(options);
    });

  command("list", "list the connector's webhooks and last deliveries", webhook)
    .option("--json", "print JSON instead of text")
    .action(async (options: CommonOptions & { json?: true }) => {
      process.exitCode = await (await import("./webhook-list.ts")).webhookList(options);
    });

  command("delete", "delete the connector's webhooks and no others", webhook)
    .option("--json", "print JSON instead of text")
    .action(async (options: CommonOptions & { json?: true }) => {
      process.exitCode = await (await import("./webhook-delete.ts")).webhookDelete(options);
    });
}
