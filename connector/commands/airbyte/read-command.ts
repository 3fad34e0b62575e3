import { type Command, Option } from "commander";
import { command } from "../declare.ts";

/** Declares `read`. */
export function readCommand(program: Command): void {
  command("read", "print the streams as Airbyte or Singer messages", program)
    .addOption(new Option("--format <protocol>", "message protocol").choices(["airbyte", "singer"]).default("airbyte"))
    .option("--catalog <file>", "catalog file (JSON); Singer reads every stream without it")
    .addOption(new Option("--properties <file>", "old name of --catalog, for Singer").conflicts("catalog"))
    .option("--state <file>", "state file (JSON), or the output of a destination")
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
