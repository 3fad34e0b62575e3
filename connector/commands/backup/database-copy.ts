import { loadConfig } from "../../config/load-config.ts";
import { readHub } from "../../database/backup/read-hub.ts";
import { createLogger } from "../../logger.ts";
import { writeLine, writeMessage } from "../../protocol/standard-output.ts";
import { hideSecrets } from "../../secrets.ts";
import { counted } from "../../text/counted.ts";
import type { CommonOptions } from "../common-options.ts";
import { openedToRead } from "../look/query.ts";
import { stopSignal } from "../terminal/stop-signal.ts";
import { warnOfLeftOut } from "./backup.ts";
import { rowsBySchema } from "./describe-backup.ts";
import { intoEmpty } from "./into-empty.ts";

/** Copies the config's database to another location. Returns the exit status. */
export async function databaseCopy(
  to: string,
  options: CommonOptions & { wait: number; json?: true },
): Promise<number> {
  const signal = stopSignal("Nothing was stored.");
  const { config, secrets } = await loadConfig(options.config);
  hideSecrets([...secrets, ...passwordOf(to)]);
  const reading = await openedToRead(config.database, signal);
  try {
    const { head, location } = await reading.snapshot(async (snapshot) => {
      const hub = await readHub(snapshot);
      warnOfLeftOut(hub, await createLogger(options.logLevel, options.logFormat));
      return { head: hub.head, location: await intoEmpty(to, hub, options, { signal }) };
    });
    const { at, schema, tables } = head;
    const rows = tables.reduce((sum, one) => sum + one.rows, 0);
    if (options.json) {
      const shown = tables.map(({ table, rows: ofTable }) => ({ table, rows: ofTable }));
      await writeMessage({ from: reading.location, database: location, at, schema, rows, tables: shown });
      return 0;
    }
    for (const line of rowsBySchema(tables)) await writeLine(line);
    await writeLine("");
    await writeLine(`${counted(rows, "row")} as of ${at} are in ${location}, compared by hash.`);
    await writeLine("Next: name it as `database` in the config. What runs on the old one since is not in it.");
  } finally {
    await reading.close();
  }
  return 0;
}

function passwordOf(location: string): string[] {
  if (!URL.canParse(location)) return [];
  const { password } = new URL(location);
  return password === "" ? [] : [decodeURIComponent(password), password];
}
