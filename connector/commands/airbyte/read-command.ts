import { type Command, Option } from "commander";
import { command } from "../declare.ts";

/** Declares `read`. */
export function readCommand(program: Command): void {
  command("read", "print the streams as Airbyte messages, or as Singer's", program)
    .addOption(new Option("--format <protocol>", "whose messages").choices(["airbyte", "singer"]).default("airbyte"))
    .option("--catalog <file>", "configured catalog, JSON; Singer may do without: everything")
    .addOption(new Option("--properties <file>", "the old name of --catalog, for Singer").conflicts("catalog"))
    .option("--state <file>", "state of the last read, JSON, or the lines that a destination printed")
    .action(async ({ properties, ...options }, self: Command) => {
      const catalog = options.catalog ?? properties;
      if (options.format === "singer") {
        process.exitCode = await (await import("./read-singer.ts")).readSinger({ ...options, catalog });
        return;
      }
      if (catalog === undefined) self.error("error: required option '--catalog <file>' not specified");
      process.exitCode = await (await import("./read.ts")).read({ ...options, catalog });
    });
}
