import type { Command } from "commander";
import { command } from "../declare.ts";

/** Declares `spec`. */
export function specCommand(program: Command): void {
  command("spec", "print the Airbyte specification of the config", program).action(async () => {
    process.exitCode = await (await import("./spec.ts")).spec();
  });
}
