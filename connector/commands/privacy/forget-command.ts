import type { Command } from "commander";
import { recordId, wholeNumber } from "../arguments.ts";
import { command } from "../declare.ts";

/** Declares `forget` and its verb. */
export function forgetCommand(program: Command): void {
  const forget = withOptions(
    command("forget", "remove a person everywhere; without --yes, only show where the person is", program),
  )
    .option("--email <address>", "forget every person with this e-mail address")
    .action(async (options) => {
      process.exitCode = await (await import("./forget.ts")).forget(undefined, options);
    });

  withOptions(command("persons", "remove the person with this Pipedrive id", forget))
    .argument("<id>", "id of the person in Pipedrive", recordId)
    .action(async (id: number, options) => {
      process.exitCode = await (await import("./forget.ts")).forget(id, options);
    });
}

function withOptions(self: Command): Command {
  return self
    .option("--wait <seconds>", "seconds to wait for another run on the database to end", wholeNumber, 0)
    .option("--yes", "remove the person")
    .option("--json", "print JSON instead of text");
}
