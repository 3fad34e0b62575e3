import { type Command, Option } from "commander";
import { command } from "../declare.ts";
import { planOptions } from "./sync-options.ts";

/** Declares `sync`. */
export function syncCommand(program: Command): void {
  planOptions(command("sync", "sync Pipedrive's changes into the Planhat tables", program))
    .addOption(new Option("--plan <file>", "execute a saved plan, exactly or not at all"))
    .addOption(new Option("--dry-run", "show the changes without writing, like plan").conflicts("plan"))
    .action(async ({ dryRun, ...options }, self: Command) => {
      if (dryRun !== true) {
        for (const name of ["out", "exitCode"])
          if (options[name] !== undefined)
            self.error("error: --out and --exit-code are for plan, or for sync --dry-run");
        process.exitCode = await (await import("./sync.ts")).sync(options);
      } else process.exitCode = await (await import("../plan/plan.ts")).plan(options);
    });
}
