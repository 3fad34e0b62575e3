import { type Command, Option } from "commander";
import { command } from "../declare.ts";
import { planOptions } from "../sync/sync-options.ts";

/** Declares `plan`. */
export function planCommand(program: Command): void {
  planOptions(command("plan", "show the changes of a sync without writing; costs API tokens", program))
    .addOption(
      new Option("--remap", "show the changes of a remap, without any request").conflicts(["out", "full", "company"]),
    )
    .action(async (options) => {
      process.exitCode = await (await import("./plan.ts")).plan(options);
    });
}
