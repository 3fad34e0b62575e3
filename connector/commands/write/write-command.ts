import { type Command, Option } from "commander";
import { wholeNumber } from "../arguments.ts";
import { command } from "../declare.ts";

/** Declares `write`. */
export function writeCommand(program: Command): void {
  command("write", "land, map and store the records of another source from stdin", program)
    .addOption(new Option("--format <protocol>", "message protocol").choices(["airbyte", "singer"]).default("airbyte"))
    .option("--catalog <file>", "catalog file (JSON); required for Airbyte")
    .option("--wait <seconds>", "seconds to wait for another run on the database to end", wholeNumber, 0)
    .action(async (options, self: Command) => {
      const { write, writeSinger } = await import("./write.ts");
      if (options.format === "singer") {
        process.exitCode = await writeSinger(options);
        return;
      }
      if (options.catalog === undefined) self.error("error: required option '--catalog <file>' not specified");
      process.exitCode = await write(options);
    });
}
