import type { Command } from "commander";
import { portNumber, wholeNumber } from "../arguments.ts";
import { command } from "../declare.ts";

/** Declares `console` and `console password`. */
export function consoleCommand(program: Command): void {
  const console = command("console", "serve a page for people on this machine, with the service beside it", program)
    .option("--port <port>", "port of the page; 0 for any free one", portNumber, 8090)
    .option("--no-open", "print the link without opening it")
    .option("--wait <seconds>", "seconds to wait for the embedded database to be free", wholeNumber, 0)
    .action(async (options) => {
      process.exitCode = await (await import("./console.ts")).serveConsole(options);
    });
  command("password", "read a password and print its hash for console.users", console).action(async () => {
    process.exitCode = await (await import("./console-password.ts")).consolePassword();
  });
}
