import { type Command, Option } from "commander";
import { revenueKinds } from "../../model-name.ts";
import { timeZone, wholeNumber } from "../arguments.ts";
import { command } from "../declare.ts";
import type { SandboxArguments } from "./sandbox.ts";

/** Declares `sandbox`. */
export function sandboxCommand(program: Command): void {
  command("sandbox", "serve a local Pipedrive and Planhat with an invented account", program)
    .option("--port <port>", "port to listen on; 0 for any free one", wholeNumber, 8090)
    .option("--deals <number>", "account size in deals; other records grow with it", wholeNumber)
    .addOption(
      new Option("--planhat-models <kind>", "revenue models of the Planhat tenant")
        .choices(revenueKinds)
        .default("licenses"),
    )
    .option("--time-zone <name>", "account time zone (default: Europe/Tallinn)", timeZone)
    .action(async (options: SandboxArguments) => {
      process.exitCode = await (await import("./sandbox.ts")).sandbox(options);
    });
}
