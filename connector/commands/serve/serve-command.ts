import type { Command } from "commander";
import { portNumber, wholeNumber } from "../arguments.ts";
import { command } from "../declare.ts";

/** Declares `serve`. */
export function serveCommand(program: Command): void {
  command("serve", "run webhook receiver, schedule, workers, /health, /metrics", program)
    .option("--port <port>", "port to listen on; 0 for any free one (default: PORT, else 8080)", portNumber)
    .option("--host <host>", "address to listen on", "127.0.0.1")
    .option("--wait <seconds>", "seconds to wait for the embedded database to be free", wholeNumber, 0)
    .action(async (options) => {
      process.exitCode = await (await import("./serve.ts")).serve(options);
    });
}
