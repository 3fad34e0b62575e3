import { Command, CommanderError } from "commander";
import { destinationCommand } from "./commands/airbyte/destination-command.ts";
import { discoverCommand } from "./commands/airbyte/discover-command.ts";
import { readCommand } from "./commands/airbyte/read-command.ts";
import { specCommand } from "./commands/airbyte/spec-command.ts";
import { alertsCommand } from "./commands/alerts/alerts-command.ts";
import { auditCommand } from "./commands/audit/audit-command.ts";
import { backupCommand, databaseCommand, restoreCommand } from "./commands/backup/backup-command.ts";
import { checkCommand } from "./commands/check/check-command.ts";
import { completionCommand } from "./commands/completion/completion-command.ts";
import { consoleCommand } from "./commands/console/console-command.ts";
import { commonOptions, declare, showHelp, takeCommonOptions } from "./commands/declare.ts";
import { explainCommand } from "./commands/explain/explain-command.ts";
import { historyCommand } from "./commands/history/history-command.ts";
import { holdsCommand } from "./commands/history/holds-command.ts";
import { runsCommand } from "./commands/history/runs-command.ts";
import { undoCommand } from "./commands/history/undo-command.ts";
import { initCommand } from "./commands/init/init-command.ts";
import { exportCommand } from "./commands/look/export-command.ts";
import { queryCommand } from "./commands/look/query-command.ts";
import { mappingCommand } from "./commands/mapping/mapping-command.ts";
import { pipelinesCommand } from "./commands/pipelines/pipelines-command.ts";
import { planCommand } from "./commands/plan/plan-command.ts";
import { forgetCommand } from "./commands/privacy/forget-command.ts";
import { privacyCommand } from "./commands/privacy/privacy-command.ts";
import { rejectionsCommand } from "./commands/rejections/rejections-command.ts";
import { remapCommand } from "./commands/remap/remap-command.ts";
import { demoCommand } from "./commands/sandbox/demo-command.ts";
import { sandboxCommand } from "./commands/sandbox/sandbox-command.ts";
import { serveCommand } from "./commands/serve/serve-command.ts";
import { statusCommand } from "./commands/status/status-command.ts";
import { syncCommand } from "./commands/sync/sync-command.ts";
import { failureForm } from "./commands/terminal/failure-form.ts";
import { reportFailure, tellFailuresAs } from "./commands/terminal/report-failure.ts";
import { UsageFailures } from "./commands/terminal/usage-failure.ts";
import { webhookCommand } from "./commands/webhook/webhook-command.ts";
import { writeCommand } from "./commands/write/write-command.ts";
import { growHeapBy } from "./heap-growth.ts";
import { packageVersion } from "./package-root.ts";

/** The commands in the order of the help. Each declares itself, and loads its action when it is called. */
const commands = [
  initCommand,
  specCommand,
  checkCommand,
  discoverCommand,
  readCommand,
  writeCommand,
  destinationCommand,
  syncCommand,
  planCommand,
  auditCommand,
  remapCommand,
  serveCommand,
  consoleCommand,
  pipelinesCommand,
  explainCommand,
  runsCommand,
  historyCommand,
  statusCommand,
  queryCommand,
  exportCommand,
  backupCommand,
  restoreCommand,
  databaseCommand,
  rejectionsCommand,
  undoCommand,
  holdsCommand,
  forgetCommand,
  privacyCommand,
  mappingCommand,
  webhookCommand,
  alertsCommand,
  sandboxCommand,
  demoCommand,
  completionCommand,
];

// A long run produces much garbage. This saves 50 MB against V8's default, at almost no cost in time.
growHeapBy(130);

const form = failureForm(process.argv.slice(2));
tellFailuresAs(form);
const usageFailures = new UsageFailures(form);

const program = new Command("pipedrive-planhat")
  .configureOutput(usageFailures.output)
  .description("Keeps Planhat true to Pipedrive: organizations, persons, notes and won deals, by a YAML mapping.")
  .helpOption("-h, --help", "show help")
  .helpCommand(false)
  .version(packageVersion(), "-V, --version", "show the version")
  .enablePositionalOptions()
  .showHelpAfterError("See: pipedrive-planhat help")
  .exitOverride();
commonOptions(program);
for (const declareIt of commands) declareIt(program);

declare("help [command...]", "show the help of a command", program).action((words: string[]) =>
  showHelp(program, words),
);

takeCommonOptions(program);

// Report an unhandled error like any other failure, without secrets; Airbyte's commands report it in their own way.
process.on("uncaughtException", (error) => {
  if (process.listenerCount("uncaughtException") === 1) process.exit(reportFailure(error));
});

// A wait for something that is gone would end as a success: Node exits with 0 when nothing is left that could happen.
let isWaiting = true;
process.on("beforeExit", () => {
  if (isWaiting) process.exitCode = reportFailure(new Error("The command ended before its work did."));
  isWaiting = false;
});

program
  .parseAsync()
  .catch((error: unknown) => {
    process.exitCode = error instanceof CommanderError ? usageFailures.report(error) : reportFailure(error);
  })
  .finally(() => {
    isWaiting = false;
  });
