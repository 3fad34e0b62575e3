import { type Command, Option } from "commander";
import type { CommonOptions } from "../common-options.ts";
import { command } from "../declare.ts";

/** Declares `discover`. */
export function discoverCommand(program: Command): void {
  command("discover", "print the catalog of the streams", program)
    .addOption(new Option("--format <protocol>", "catalog protocol").choices(["airbyte", "singer"]).default("airbyte"))
    .action(async (options: CommonOptions & { format: string }) => {
      const { discover, discoverSinger } = await import("./discover.ts");
      process.exitCode = await (options.format === "singer" ? discoverSinger(options) : discover(options));
    });
}
