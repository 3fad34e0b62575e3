import type { Command } from "commander";
import { timeZone, wholeNumber } from "../arguments.ts";
import { command } from "../declare.ts";

/** Declares `sandbox`. */
export function sandboxCommand(program: Command): void {
  command("sandbox", "serve a local Pipedrive and Planhat with an invented account", program)
    .option("--port <port>", "port to listen on; 0 for any free one", wholeNumber, 8090)
    .option("--deals <number>", "account size in deals; other records grow with it", wholeNumber)
    .option("--time-zone <name>", "account time zone (default: Europe/Tallinn)", timeZone)
    .action(async (options: { port: number; deals?: number; timeZone?: string }) => {
      process.exitCode = await (await import("./sandbox.ts")).sandbox(options);
    });
}
