import type { Command } from "commander";
import { wholeNumber } from "../arguments.ts";
import { command, group } from "../declare.ts";

/** Declares `backup`. */
export function backupCommand(program: Command): void {
  command("backup", "write the whole database to one file, as of one moment", program)
    .argument("<file>", "new file, such as planhat.backup.gz")
    .option("--json", "print JSON instead of text")
    .action(async (file: string, options) => {
      process.exitCode = await (await import("./backup.ts")).backup(file, options);
    });
}

/** Declares `restore`. */
export function restoreCommand(program: Command): void {
  command("restore", "fill the empty database of the config from a backup", program)
    .argument("<file>", "file that backup wrote")
    .option("--wait <seconds>", "seconds to wait for another run on the database to end", wholeNumber, 0)
    .option("--json", "print JSON instead of text")
    .action(async (file: string, options) => {
      process.exitCode = await (await import("./restore.ts")).restore(file, options);
    });
}

/** Declares `database` and its verb. */
export function databaseCommand(program: Command): void {
  const database = group("database", "move the database", program);

  command("copy", "copy the database to an empty one: from a folder to a server, or back", database)
    .argument("<to>", "folder, or URL of a Postgres database")
    .option("--wait <seconds>", "seconds to wait for another run on the database to end", wholeNumber, 0)
    .option("--json", "print JSON instead of text")
    .action(async (to: string, options) => {
      process.exitCode = await (await import("./database-copy.ts")).databaseCopy(to, options);
    });
}
