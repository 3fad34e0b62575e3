import { resolve } from "node:path";
import type { Logger } from "winston";
import { loadConfig } from "../../config/load-config.ts";
import { writeBackup } from "../../database/backup/backup-file.ts";
import type { HubCopy } from "../../database/backup/hub-tables.ts";
import { readHub } from "../../database/backup/read-hub.ts";
import { openAsking } from "../../database/open/open-existing.ts";
import { recordBackup } from "../../database/tables/backups.ts";
import { createLogger } from "../../logger.ts";
import { writeLine, writeMessage } from "../../protocol/standard-output.ts";
import { hideSecrets } from "../../secrets.ts";
import { counted } from "../../text/counted.ts";
import { toldMessage } from "../../told-error.ts";
import type { CommonOptions } from "../common-options.ts";
import { openedToRead } from "../look/query.ts";
import { stopSignal } from "../terminal/stop-signal.ts";
import { createByteLine } from "./byte-line.ts";
import { rowsBySchema, sizeText } from "./describe-backup.ts";

/** Warns of tables that people made among the connector's. */
export function warnOfLeftOut({ leftOut = [] }: HubCopy, logger: Logger): void {
  if (leftOut.length > 0) logger.warn(`Not copied, because pipedrive-planhat did not make it: ${leftOut.join(", ")}.`);
}

/** Writes the database to a file. Returns the exit status. */
export async function backup(file: string, options: CommonOptions & { json?: true }): Promise<number> {
  const signal = stopSignal("No file was written.");
  const { config, secrets } = await loadConfig(options.config);
  hideSecrets(secrets);
  const logger = await createLogger(options.logLevel, options.logFormat);
  const progress = createByteLine((message) => logger.info(message));
  const reading = await openedToRead(config.database, signal);
  const close = once(() => reading.close());
  try {
    const { head, bytes } = await reading.snapshot(async (snapshot) => {
      const hub = await readHub(snapshot, (table) => progress.update(() => `Counting ${table}`));
      warnOfLeftOut(hub, logger);
      return { head: hub.head, bytes: await writeBackup(file, progress.over(hub, "Written"), signal) };
    });
    progress.end();
    await close();
    const path = resolve(file);
    await record(config.database, path, logger);
    const { at, schema, tables } = head;
    const rows = tables.reduce((sum, table) => sum + table.rows, 0);
    if (options.json) {
      const shown = tables.map(({ table, rows: ofTable }) => ({ table, rows: ofTable }));
      await writeMessage({ file: path, at, schema, rows, bytes, tables: shown });
    } else {
      for (const line of rowsBySchema(tables)) await writeLine(line);
      await writeLine("");
      await writeLine(`${counted(rows, "row")} as of ${at} in ${path} (${sizeText(bytes)})`);
      await writeLine("It holds people's data and the webhook's password: keep it as you keep the database.");
    }
  } finally {
    progress.end();
    await close();
  }
  return 0;
}

/** Records where the backup is, so that `forget` can name it. A database that cannot be written is only told. */
async function record(location: string, path: string, logger: Logger): Promise<void> {
  try {
    const database = await openAsking(location);
    if (database === undefined) return;
    try {
      await recordBackup(database, path);
    } finally {
      await database.close();
    }
  } catch (error) {
    const why = toldMessage(error);
    logger.warn(`The database does not know of this backup, so \`forget\` will not name it (${why}).`);
  }
}

/** Returns a function that does the work at its first call only. */
function once(work: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | undefined;
  return () => {
    done ??= work();
    return done;
  };
}
