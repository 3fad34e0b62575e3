import { loadConfig } from "../../config/load-config.ts";
import { openExisting } from "../../database/open/open-existing.ts";
import { dismissRejections } from "../../database/tables/dismissals.ts";
import { countRejections } from "../../database/tables/rejections.ts";
import { operator } from "../../operator.ts";
import { writeLine, writeMessage } from "../../protocol/standard-output.ts";
import { hideSecrets } from "../../secrets.ts";
import { counted } from "../../text/counted.ts";
import type { CommonOptions } from "../common-options.ts";
import { neverSynced } from "../opening/with-database.ts";
import { chosenRejections } from "./chosen-rejections.ts";

/** Dismisses rejections: they do not count until their records change. Returns the exit status. */
export async function rejectionsDismiss(
  ids: readonly string[],
  options: CommonOptions & { json?: true },
): Promise<number> {
  const { config, secrets } = await loadConfig(options.config);
  hideSecrets(secrets);
  const database = await openExisting(config.database);
  if (database === undefined) throw neverSynced(config.database);
  try {
    const chosen = await chosenRejections(database, ids);
    const dismissed = await dismissRejections(
      database,
      chosen.map(({ id }) => id),
      operator(),
    );
    const open = await countRejections(database);
    if (options.json) await writeMessage({ dismissed: dismissed.length, ids: dismissed, open });
    else {
      const before = chosen.length - dismissed.length;
      const already = before === 0 ? "" : ` ${before} ${before === 1 ? "was" : "were"} dismissed before.`;
      await writeLine(
        `Dismissed ${counted(dismissed.length, "rejection")}, until the record changes.${already} ${open} still count.`,
      );
      await writeLine("rejections retry <id> takes it back.");
    }
    return 0;
  } finally {
    await database.close();
  }
}
