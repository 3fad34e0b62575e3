import type { Command } from "commander";
import { portNumber, wholeNumber } from "../arguments.ts";
import { command } from "../declare.ts";

/** Declares `serve`. */
export function serveCommand(program: Command): void {
  command("serve", "serve until SIGTERM: webhook receiver, schedule, workers, /health, /metrics", program)
    .option("--port <port>", "port to listen on; 0 for any free one (default: PORT, else 8080)", portNumber)
    .option("--host <host>", "address to listen on", "127.0.0.1")
    .option("--wait <seconds>", "wait this long for another process to leave the embedded database", wholeNumber, 0)
    .action(async (options) => {
      process.exitCode = await (await import("./serve.ts")).serve(options);
    });
}
