import type { Command } from "commander";
import { wholeNumber } from "../arguments.ts";
import type { CommonOptions } from "../common-options.ts";
import { command, group } from "../declare.ts";

/**
 * Declares `destination` and its verbs: the same as without the word, as Airbyte calls a destination. One word in front
 * is what tells both connectors of one image apart.
 */
export function destinationCommand(program: Command): void {
  const destination = group("destination", "the connector as an Airbyte destination", program);

  command("spec", "print the Airbyte specification of the destination's config", destination).action(async () => {
    process.exitCode = await (await import("./spec.ts")).destinationSpec();
  });

  command("check", "check the config, the token, the database and the mapping", destination).action(
    async (options: CommonOptions) => {
      process.exitCode = await (await import("../check/check.ts")).check({ ...options, asDestination: true });
    },
  );

  command("discover", "print the objects of Planhat that a source can fill", destination).action(
    async (options: CommonOptions) => {
      process.exitCode = await (await import("./discover-destination.ts")).discoverDestination(options);
    },
  );

  command("write", "land, map and store the records of another source from stdin", destination)
    .requiredOption("--catalog <file>", "catalog file (JSON)")
    .option("--wait <seconds>", "seconds to wait for another run on the database to end", wholeNumber, 0)
    .action(async (options) => {
      process.exitCode = await (await import("../write/write.ts")).write({ ...options, asDestination: true });
    });
}
