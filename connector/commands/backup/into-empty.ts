import type { HubCopy } from "../../database/backup/hub-tables.ts";
import { storeHub } from "../../database/backup/store-hub.ts";
import type { Database } from "../../database/database.ts";
import { openUnmigrated } from "../../database/open/open-database.ts";
import { acquireRunLock } from "../../database/open/run-lock.ts";
import { createLogger } from "../../logger.ts";
import type { CommonOptions } from "../common-options.ts";
import { createByteLine } from "./byte-line.ts";

/**
 * Stores a hub in the empty database at a location, which is created if it is a folder, and shows the progress. Returns
 * the location as it may be printed. `afterwards` may change the stored rows. Throws the Failures of opening and
 * storing.
 */
export async function intoEmpty(
  location: string,
  hub: HubCopy,
  { wait, logLevel, logFormat }: CommonOptions & { wait: number },
  { signal, afterwards }: { signal: AbortSignal; afterwards?: (database: Database) => Promise<void> },
): Promise<string> {
  const logger = await createLogger(logLevel, logFormat);
  const progress = createByteLine((message) => logger.info(message));
  const patience = { waitSeconds: wait, signal };
  const database = await openUnmigrated(location, patience);
  try {
    const lock = await acquireRunLock(database, patience);
    try {
      await storeHub(database, progress.over(hub, "Stored"), { signal });
      await afterwards?.(database);
    } finally {
      await lock.release();
    }
    return database.location;
  } finally {
    progress.end();
    await database.close();
  }
}
