import type { AccountCatalog } from "../../account-catalog.ts";
import type { Config } from "../../config/config.ts";
import { loadConfig } from "../../config/load-config.ts";
import { checkBackup, readBackup } from "../../database/backup/backup-file.ts";
import type { Database } from "../../database/database.ts";
import { readCatalogEntry } from "../../database/tables/catalog.ts";
import { Failure } from "../../failure.ts";
import type { CompiledMapping } from "../../mapping/compiled-mapping.ts";
import { writeLine, writeMessage } from "../../protocol/standard-output.ts";
import { hideSecrets } from "../../secrets.ts";
import { forgetAgain } from "../../sync/forget/forget-again.ts";
import { byCommand } from "../../sync/runs/with-history.ts";
import { counted } from "../../text/counted.ts";
import type { CommonOptions } from "../common-options.ts";
import { loadMapping } from "../opening/load-mapping.ts";
import { readMemoryFile } from "../privacy/memory-file.ts";
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
  const memory = await readMemoryFile(options.config);
  const backup = await readBackup(file);
  try {
    let forgotten = 0;
    const afterwards = async (database: Database) => {
      const mapping = await mappingOf(config, database);
      forgotten = await forgetAgain(database, memory, { mapping, startedBy: byCommand("restore") });
    };
    const location = await intoEmpty(config.database, backup, options, { signal, afterwards });
    const rows = tables.reduce((sum, one) => sum + one.rows, 0);
    if (options.json) {
      const shown = tables.map(({ table, rows: ofTable }) => ({ table, rows: ofTable }));
      await writeMessage({ database: location, at, schema, rows, tables: shown, forgotten });
      return 0;
    }
    for (const line of rowsBySchema(tables)) await writeLine(line);
    await writeLine("");
    await writeLine(`${counted(rows, "row")} as of ${at} (version ${version}) are in ${location}, compared by hash.`);
    if (forgotten > 0) {
      const who = counted(forgotten, "person is", "persons are");
      await writeLine(`${who} removed again: forgotten since the backup was written.`);
    }
    await writeLine("Next: pipedrive-planhat plan shows what has changed since; sync brings it.");
  } finally {
    backup.close();
  }
  return 0;
}

/** Returns the mapping for the restored account; undefined if it cannot be read. */
async function mappingOf(config: Config, database: Database): Promise<CompiledMapping | undefined> {
  const catalog = (await readCatalogEntry(database, "account")) as AccountCatalog | undefined;
  if (catalog === undefined) return undefined;
  try {
    return loadMapping(config, catalog, () => {});
  } catch (error) {
    if (error instanceof Failure) return undefined;
    throw error;
  }
}
