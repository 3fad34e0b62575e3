import { type Command, Option } from "commander";
import { collectId, wholeNumber } from "../arguments.ts";

/** Adds the options of `sync`, which `plan` accepts too. */
export function syncOptions(self: Command): Command {
  return self
    .option("--full", "fetch all records again, ignoring the saved state")
    .addOption(
      new Option("--company <organization id>", "fetch and sync this company; may be repeated")
        .argParser(collectId)
        .conflicts("full"),
    )
    .option("--wait <seconds>", "seconds to wait for another run on the database to end", wholeNumber, 0)
    .option("--yes", "approve sending, publication and twins, and pass the brake")
    .option("--fail-on-rejections", "exit 1 if a record or field was rejected")
    .option("--json", "print JSON instead of text");
}

/** Adds the options of `plan`, which `sync --dry-run` accepts too. */
export function planOptions(self: Command): Command {
  return syncOptions(self)
    .option("--out <file>", "save the plan to this file, for sync --plan")
    .option("--exit-code", "exit 10 if the plan has changes");
}
