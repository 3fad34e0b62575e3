import { type Command, Option } from "commander";
import { command } from "../declare.ts";
import { planOptions } from "../sync/sync-options.ts";

/** Declares `plan`. */
export function planCommand(program: Command): void {
  planOptions(
    command(
      "plan",
      "show what sync would do, field by field, and write nothing; reading costs API tokens as in a sync",
      program,
    ),
  )
    .addOption(
      new Option(
        "--remap",
        "show what the mapping would change in the rows, from what has landed, with no request",
      ).conflicts(["out", "full", "company"]),
    )
    .action(async (options) => {
      process.exitCode = await (await import("./plan.ts")).plan(options);
    });
}
