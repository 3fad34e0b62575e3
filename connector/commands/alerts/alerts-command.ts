import type { Command } from "commander";
import type { CommonOptions } from "../common-options.ts";
import { command, group } from "../declare.ts";

/** Declares `alerts` and its verb. */
export function alertsCommand(program: Command): void {
  const alerts = group("alerts", "try the channels that are told when something begins to be wrong", program);

  command("test", "send a test message to every alert channel, and say what each answered", alerts)
    .option("--json", "print JSON instead of text")
    .action(async (options: CommonOptions & { json?: true }) => {
      process.exitCode = await (await import("./alerts-test.ts")).alertsTest(options);
    });
}
