import { loadConfig } from "../../config/load-config.ts";
import { checkBackup, readBackup } from "../../database/backup/backup-file.ts";
import { writeLine, writeMessage } from "../../protocol/standard-output.ts";
import { hideSecrets } from "../../secrets.ts";
import { counted } from "../../text/counted.ts";
import type { CommonOptions } from "../common-options.ts";
import { stopSignal } from "../terminal/stop-signal.ts";
import { rowsBySchema } from "./describe-backup.ts";
import { intoEmpty } from "./into-empty.ts";

/** Fills the config's database from a file. Returns the exit status. */
export async function restore(file: string, options: CommonOptions & { wait: number; json?: true }): Promise<number> {
  const signal = stopSignal("Nothing was stored.");
  const { config, secrets } = await loadConfig(options.config);
  hideSecrets(secrets);
  // Read once before anything is opened: a damaged file creates no database.
  const { at, schema, version, tables } = await checkBackup(file);
  const backup = await readBackup(file);
  try {
    const location = await intoEmpty(config.database, backup, options, signal);
    const rows = tables.reduce((sum, one) => sum + one.rows, 0);
    if (options.json) {
      const shown = tables.map(({ table, rows: ofTable }) => ({ table, rows: ofTable }));
      await writeMessage({ database: location, at, schema, rows, tables: shown });
      return 0;
    }
    for (const line of rowsBySchema(tables)) await writeLine(line);
    await writeLine("");
    await writeLine(`${counted(rows, "row")} as of ${at} (version ${version}) are in ${location}, compared by hash.`);
    await writeLine("Next: pipedrive-planhat plan shows what has changed since; sync brings it.");
  } finally {
    backup.close();
  }
  return 0;
}
