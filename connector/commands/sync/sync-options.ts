import { type Command, Option } from "commander";
import { collectId, wholeNumber } from "../arguments.ts";

/** Adds the options of `sync`, which `plan` accepts too. */
export function syncOptions(self: Command): Command {
  return self
    .option("--full", "Fetch All again, whatever the saved state says")
    .addOption(
      new Option("--company <organization id>", "sync this company, fresh; may be repeated")
        .argParser(collectId)
        .conflicts("full"),
    )
    .option("--wait <seconds>", "wait this long for another run on the database to end", wholeNumber, 0)
    .option(
      "--yes",
      "agree to all of a new kind that this run needs: sending, the first publication, twins; later runs need no --yes. Where the brake would stop this run, it goes on",
    )
    .option("--fail-on-rejections", "exit 1 when a record or field was rejected")
    .option("--json", "print the result as one JSON object");
}

/** Adds the options of `plan`, which `sync --dry-run` accepts too. */
export function planOptions(self: Command): Command {
  return syncOptions(self)
    .option("--out <file>", "keep the plan in this file, for sync --plan")
    .option("--exit-code", "exit 10 when there is something to do");
}
