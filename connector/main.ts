import { Argument, Command, CommanderError, Option } from "commander";
import {
  collect,
  collectId,
  oneOf,
  portNumber,
  recordId,
  streamArgument,
  timeZone,
  wholeNumber,
} from "./commands/arguments.ts";
import type { CommonOptions } from "./commands/common-options.ts";
import { commonOptions, declare, showHelp, takeCommonOptions } from "./commands/declare.ts";
import { failureForm } from "./commands/terminal/failure-form.ts";
import { reportFailure, tellFailuresAs } from "./commands/terminal/report-failure.ts";
import { UsageFailures } from "./commands/terminal/usage-failure.ts";
import { growHeapBy } from "./heap-growth.ts";
import { type ModelName, modelNames } from "./model-name.ts";
import { packageVersion } from "./package-root.ts";
import { type StreamName, streamNames } from "./stream-name.ts";

// A long run produces much garbage. This saves 50 MB against V8's default, at hardly any time.
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

function command(usage: string, description: string, parent = program): Command {
  return commonOptions(declare(usage, description, parent));
}

/** Declares a command that groups others. */
function group(name: string, description: string): Command {
  return declare(name, description, program);
}

command("spec", "print the Airbyte specification of the config").action(async () => {
  process.exitCode = await (await import("./commands/airbyte/spec.ts")).spec();
});

command("check", "check the config, the token, the database and the mapping")
  .option("--json", "print the Airbyte message even on a terminal")
  .option(
    "--planhat-probe",
    "find out what Planhat's documentation leaves open, on a test company that is removed again",
  )
  .action(async (options: CommonOptions & { json?: true; planhatProbe?: true }) => {
    process.exitCode = await (await import("./commands/check/check.ts")).check(options);
  });

command("discover", "print the catalog of the streams")
  .addOption(new Option("--format <protocol>", "whose catalog").choices(["airbyte", "singer"]).default("airbyte"))
  .action(async (options: CommonOptions & { format: string }) => {
    const { discover, discoverSinger } = await import("./commands/airbyte/discover.ts");
    process.exitCode = await (options.format === "singer" ? discoverSinger(options) : discover(options));
  });

command("read", "print the streams as Airbyte messages, or as Singer's")
  .addOption(new Option("--format <protocol>", "whose messages").choices(["airbyte", "singer"]).default("airbyte"))
  .option("--catalog <file>", "configured catalog, JSON; Singer may do without: everything")
  .addOption(new Option("--properties <file>", "the old name of --catalog, for Singer").conflicts("catalog"))
  .option("--state <file>", "state of the last read, JSON, or the lines that a destination printed")
  .action(async ({ properties, ...options }, self: Command) => {
    const catalog = options.catalog ?? properties;
    if (options.format === "singer") {
      process.exitCode = await (await import("./commands/airbyte/read-singer.ts")).readSinger({ ...options, catalog });
      return;
    }
    if (catalog === undefined) self.error("error: required option '--catalog <file>' not specified");
    process.exitCode = await (await import("./commands/airbyte/read.ts")).read({ ...options, catalog });
  });

command("write", "land the records of another source from stdin, map them and store their rows")
  .addOption(new Option("--format <protocol>", "whose messages").choices(["airbyte", "singer"]).default("airbyte"))
  .option("--catalog <file>", "configured catalog, JSON; Singer has none")
  .option("--wait <seconds>", "wait this long for another run on the database to end", wholeNumber, 0)
  .action(async (options, self: Command) => {
    const { write, writeSinger } = await import("./commands/write/write.ts");
    if (options.format === "singer") {
      process.exitCode = await writeSinger(options);
      return;
    }
    if (options.catalog === undefined) self.error("error: required option '--catalog <file>' not specified");
    process.exitCode = await write(options);
  });

/** Adds the options of `sync`, which `plan` accepts too. */
function syncOptions(self: Command): Command {
  return self
    .option("--full", "Fetch All again, whatever the saved state says")
    .addOption(
      new Option("--company <organization id>", "sync this company, fresh; may be repeated")
        .argParser(collectId)
        .conflicts("full"),
    )
    .option("--wait <seconds>", "wait this long for another run on the database to end", wholeNumber, 0)
    .option(
      "--yes",
      "agree to all of a new kind that this run needs: sending, the first publication, twins; later runs need no --yes. Where the brake would stop this run, it goes on",
    )
    .option("--fail-on-rejections", "exit 1 when a record or field was rejected")
    .option("--json", "print the result as one JSON object");
}

/** Adds the options of `plan`, which `sync --dry-run` accepts too. */
function planOptions(self: Command): Command {
  return syncOptions(self)
    .option("--out <file>", "keep the plan in this file, for sync --plan")
    .option("--exit-code", "exit 10 when there is something to do");
}

planOptions(command("sync", "sync Pipedrive into the Planhat tables: everything the first time, then what changed"))
  .addOption(new Option("--plan <file>", "carry out a plan that was kept, exactly or not at all"))
  .addOption(new Option("--dry-run", "show what would be done, as plan does").conflicts("plan"))
  .action(async ({ dryRun, ...options }, self: Command) => {
    if (dryRun !== true) {
      for (const name of ["out", "exitCode"])
        if (options[name] !== undefined) self.error("error: --out and --exit-code are for plan, or for sync --dry-run");
      process.exitCode = await (await import("./commands/sync/sync.ts")).sync(options);
    } else process.exitCode = await (await import("./commands/plan/plan.ts")).plan(options);
  });

planOptions(
  command("plan", "show what sync would do, field by field, and write nothing; reading costs API tokens as in a sync"),
)
  .addOption(
    new Option(
      "--remap",
      "show what the mapping would change in the rows, from what has landed, with no request",
    ).conflicts(["out", "full", "company"]),
  )
  .action(async (options) => {
    process.exitCode = await (await import("./commands/plan/plan.ts")).plan(options);
  });

command(
  "audit",
  "compare Pipedrive, the landing, the tables and Planhat, and account for every difference; writes nothing",
)
  .option("--wait <seconds>", "wait this long for another run on the database to end", wholeNumber, 0)
  .option("--json", "print the result as one JSON object")
  .action(async (options) => {
    process.exitCode = await (await import("./commands/audit/audit.ts")).audit(options);
  });

command("remap", "map every landed record again with the current mapping, with no request to Pipedrive")
  .option("--wait <seconds>", "wait this long for another run on the database to end", wholeNumber, 0)
  .option("--clear-unmapped", "clear fields that are no longer mapped, where they hold what the connector wrote")
  .option("--yes", "agree to that; where the brake would stop this run, it goes on")
  .option("--json", "print the result as one JSON object")
  .action(async (options) => {
    process.exitCode = await (await import("./commands/remap/remap.ts")).remap(options);
  });

command("serve", "serve until SIGTERM: webhook receiver, schedule, workers, /health, /metrics")
  .option("--port <port>", "port to listen on; 0 for any free one (default: PORT, else 8080)", portNumber)
  .option("--host <host>", "address to listen on", "127.0.0.1")
  .option("--wait <seconds>", "wait this long for another process to leave the embedded database", wholeNumber, 0)
  .action(async (options) => {
    process.exitCode = await (await import("./commands/serve/serve.ts")).serve(options);
  });

command("pipelines", "list the account's pipelines, marking the selected ones")
  .option("--json", "print one JSON document")
  .action(async (options: CommonOptions & { json?: true }) => {
    process.exitCode = await (await import("./commands/pipelines/pipelines.ts")).pipelines(options);
  });

command("explain", "say why a record is or is not in Planhat: each rule with its verdict, each field, the row")
  .addArgument(streamArgument())
  .addArgument(new Argument("<id>", "the record's id in Pipedrive").argParser(recordId))
  .option("--json", "print one JSON document")
  .action(async (stream: StreamName, id: number, options: CommonOptions & { json?: true }) => {
    process.exitCode = await (await import("./commands/explain/explain.ts")).explain(stream, id, options);
  });

command("runs", "list the runs with who started each and what it changed, or show the changes of one, field by field")
  .argument("[run]", "a run's id, its first 8 characters, or last")
  .option("--limit <number>", "show at most this many runs, or changes of one", wholeNumber)
  .option("--json", "print one JSON document, with all changes of a run")
  .action(async (run: string | undefined, options) => {
    process.exitCode = await (await import("./commands/history/runs.ts")).runs(run, options);
  });

command("history", "tell the story of one record and its row: who wrote which value when, and why")
  .addArgument(
    new Argument("<stream or model>", [...streamNames, ...modelNames].join(", ")).argParser((text: string) =>
      oneOf(text, [...streamNames, ...modelNames]),
    ),
  )
  .argument("<id>", "the record's id in Pipedrive")
  .option("--limit <number>", "show at most this many events, the last ones; --json shows all", wholeNumber, 40)
  .option("--json", "print one JSON document")
  .action(async (word: StreamName | ModelName, id: string, options) => {
    process.exitCode = await (await import("./commands/history/history.ts")).history(word, id, options);
  });

command("status", "show the last runs, freshness, backlog, rejections and the API budget used today")
  .option("--json", "print one JSON document")
  .action(async (options: CommonOptions & { json?: true }) => {
    process.exitCode = await (await import("./commands/status/status.ts")).status(options);
  });

command("query", "run one statement that reads the database, and print its rows")
  .argument("[sql]", "the statement; without it, or for -, it is read from stdin")
  .addOption(
    new Option("--format <format>", "how rows are printed (default: table on a terminal, else csv)").choices([
      "table",
      "csv",
      "json",
      "jsonl",
    ]),
  )
  .option("--timeout <seconds>", "stop a statement that works longer; 0 for no limit", wholeNumber, 30)
  .option("--raw", "CSV for programs: no apostrophe before what a spreadsheet would compute, lines end with LF")
  .action(async (sql: string | undefined, options) => {
    process.exitCode = await (await import("./commands/look/query.ts")).query(sql, options);
  });

command("export", "write the Planhat tables into a folder, a file each, all as of one moment")
  .argument("[table...]", "which tables, as companies or licenses (default: all)")
  .requiredOption("--to <folder>", "the folder; it is made where it is missing, files of the same names are replaced")
  .addOption(new Option("--format <format>", "what the files hold").choices(["csv", "jsonl"]).default("csv"))
  .option("--raw", "CSV for programs: no byte order mark, no apostrophes, lines end with LF")
  .option("--json", "print the result as one JSON object")
  .action(async (tables: string[], options) => {
    process.exitCode = await (await import("./commands/look/export.ts")).exportTables(tables, options);
  });

const rejections = group("rejections", "show what could not be stored and why, and try it again");

command("list", "show what was rejected and why, the newest first", rejections)
  .option("--limit <number>", "show at most this many; --json shows all", wholeNumber, 50)
  .option("--all", "show dismissed ones too")
  .addOption(new Option("--stream <stream>", "only those of one stream").choices(streamNames))
  .option("--json", "print one JSON document")
  .action(async (options) => {
    process.exitCode = await (await import("./commands/rejections/rejections.ts")).rejectionsList(options);
  });

command("retry", "try rejections again: all of them, or those with the given ids", rejections)
  .argument("[id...]", "ids, as rejections list shows them")
  .option("--wait <seconds>", "wait this long for another run on the database to end", wholeNumber, 0)
  .option("--json", "print the result as one JSON object")
  .action(async (ids: string[], options) => {
    process.exitCode = await (await import("./commands/rejections/rejections.ts")).rejectionsRetry(ids, options);
  });

command("dismiss", "count rejections no more until their record changes; retry takes that back", rejections)
  .argument("<id...>", "ids, as rejections list shows them")
  .option("--json", "print the result as one JSON object")
  .action(async (ids: string[], options) => {
    process.exitCode = await (await import("./commands/rejections/rejections-dismiss.ts")).rejectionsDismiss(
      ids,
      options,
    );
  });

command("undo", "take the changes of a run back; without --yes it shows what that would do, and writes nothing")
  .argument("<run>", "the run's id, its first 8 characters, or last")
  .addOption(
    new Option("--model <model>", "only rows of this model; may be repeated").argParser(
      (text, models: string[] = []) => [...models, oneOf(text, modelNames)],
    ),
  )
  .addOption(new Option("--field <field>", "only this field, as custom.Tier; may be repeated").argParser(collect))
  .addOption(new Option("--id <record id>", "only rows of this record; may be repeated").argParser(collect))
  .option("--created", "remove the rows that the run made, too")
  .option("--sent", "take back what it sent to Pipedrive, too")
  .option("--wait <seconds>", "wait this long for another run on the database to end", wholeNumber, 0)
  .option("--yes", "do it")
  .option("--json", "print the result as one JSON object")
  .action(async (run: string, options) => {
    process.exitCode = await (await import("./commands/history/undo.ts")).undo(run, options);
  });

const holds = group("holds", "show what stays as an undo has left it, and let it go");

command("list", "show what is held since an undo, the newest first", holds)
  .option("--limit <number>", "show at most this many; --json shows all", wholeNumber, 50)
  .option("--json", "print one JSON document")
  .action(async (options) => {
    process.exitCode = await (await import("./commands/history/holds.ts")).holdsList(options);
  });

command("release", "let holds go, those with the given ids or all: the next sync writes what the mapping says", holds)
  .argument("[id...]", "ids, as holds list shows them")
  .option("--wait <seconds>", "wait this long for another run on the database to end", wholeNumber, 0)
  .option("--yes", "let all of them go")
  .option("--json", "print the result as one JSON object")
  .action(async (ids: string[], options) => {
    process.exitCode = await (await import("./commands/history/holds.ts")).holdsRelease(ids, options);
  });

const mapping = group("mapping", "check, try and start the mapping files");

command("check", "show every problem of the mapping files, checked against the account where it can be asked", mapping)
  .option("--json", "print one JSON document")
  .action(async (options: CommonOptions & { json?: true }) => {
    process.exitCode = await (await import("./commands/mapping/mapping-check.ts")).mappingCheck(options);
  });

command("preview", "show one record mapped, field by field, and what would change in its row", mapping)
  .addArgument(streamArgument())
  .argument("<id or file>", "the record's id in Pipedrive, or a JSON file that holds a record")
  .option("--watch", "show it again whenever a mapping file is saved")
  .option("--json", "print one JSON document")
  .action(async (stream: StreamName, what: string, options) => {
    process.exitCode = await (await import("./commands/mapping/mapping-preview.ts")).mappingPreview(
      stream,
      what,
      options,
    );
  });

command("fields", "list a stream's fields: label, key, type, options, how often filled, where mapped", mapping)
  .addArgument(streamArgument())
  .option("--json", "print one JSON document")
  .action(async (stream: StreamName, options: CommonOptions & { json?: true }) => {
    process.exitCode = await (await import("./commands/mapping/mapping-fields.ts")).mappingFields(stream, options);
  });

command("init", "write mapping files to start with, made for this account", mapping)
  .option("--force", "replace files that differ, keeping a copy of each")
  .option("--json", "print one JSON document")
  .action(async (options) => {
    process.exitCode = await (await import("./commands/mapping/mapping-init.ts")).mappingInit(options);
  });

command("test", "run the cases in the tests folder of the mappings", mapping)
  .option("--json", "print one JSON document")
  .action(async (options: CommonOptions & { json?: true }) => {
    process.exitCode = await (await import("./commands/mapping/mapping-test.ts")).mappingTest(options);
  });

const webhook = group("webhook", "manage the connector's own webhook in Pipedrive; serve does it by itself");

command("create", "create it; when it is there already and as it should be, nothing happens", webhook)
  .option("--json", "print one JSON document")
  .action(async (options: CommonOptions & { json?: true }) => {
    process.exitCode = await (await import("./commands/webhook/webhook-create.ts")).webhookCreate(options);
  });

command("list", "list it, with its last delivery", webhook)
  .option("--json", "print one JSON document")
  .action(async (options: CommonOptions & { json?: true }) => {
    process.exitCode = await (await import("./commands/webhook/webhook-list.ts")).webhookList(options);
  });

command("delete", "remove it, and no other", webhook)
  .option("--json", "print one JSON document")
  .action(async (options: CommonOptions & { json?: true }) => {
    process.exitCode = await (await import("./commands/webhook/webhook-delete.ts")).webhookDelete(options);
  });

command("sandbox", "serve a local Pipedrive and Planhat over a small invented account, for trying and testing")
  .option("--port <port>", "port to listen on; 0 for any free one", wholeNumber, 8090)
  .option("--deals <number>", "size of the account, in deals; the rest grows with it", wholeNumber)
  .option("--time-zone <name>", "the account's time zone, as America/Los_Angeles (default: Europe/Tallinn)", timeZone)
  .action(async (options: { port: number; deals?: number; timeZone?: string }) => {
    process.exitCode = await (await import("./commands/sandbox/sandbox.ts")).sandbox(options);
  });

command("demo", "sandbox, first sync into an embedded database, a few changes, second sync, and what came of it")
  .option("--keep", "keep the demo's folder and say where it is")
  .action(async (options: CommonOptions & { keep?: true }) => {
    process.exitCode = await (await import("./commands/sandbox/demo.ts")).demo(options);
  });

declare("help [command...]", "show what a command does and what it takes", program).action((words: string[]) =>
  showHelp(program, words),
);

takeCommonOptions(program);

// Report an unhandled error like any other failure, without secrets; Airbyte's commands report it in their own way.
process.on("uncaughtException", (error) => {
  if (process.listenerCount("uncaughtException") === 1) process.exit(reportFailure(error));
});

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = error instanceof CommanderError ? usageFailures.report(error) : reportFailure(error);
}
