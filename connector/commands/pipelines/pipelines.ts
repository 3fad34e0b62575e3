import { readAccount, readCatalog } from "../../pipedrive/account/account.ts";
import { writeLine, writeMessage } from "../../protocol/standard-output.ts";
import { refuseOther } from "../../sync/runs/one-account.ts";
import type { CommonOptions } from "../common-options.ts";
import { loadMapping } from "../opening/load-mapping.ts";
import { openAccount } from "../opening/with-account.ts";
import { readKept } from "../opening/with-database.ts";
import { table } from "../terminal/table.ts";

/** Lists the account's pipelines and marks those that the mapping selects. Returns the exit status. */
export async function pipelines(options: CommonOptions & { json?: true }): Promise<number> {
  const { config, client, logger } = await openAccount(options);
  const kept = await readKept(
    config.database,
    (message) => logger.warn(message),
    () => undefined,
  );
  // Without a saved account there is none to differ from.
  if (kept.own !== undefined) refuseOther(kept.own, await readAccount(client), config.database);
  const catalog = await readCatalog(client, kept.catalog);
  const { deals } = loadMapping(config, catalog, (warning) => logger.warn(warning));
  const listed = catalog.pipelines.map(({ id, name }) => ({
    id,
    name,
    selected: deals.pipelineIds === null || deals.pipelineIds.includes(id),
  }));
  if (options.json) {
    await writeMessage(listed);
    return 0;
  }
  const rows = listed.map(({ id, name, selected }) => [
    { cell: selected ? "*" : "", style: "good" as const },
    id,
    { cell: name, style: selected ? undefined : ("quiet" as const) },
  ]);
  for (const line of table([["", "id", "pipeline"], ...rows])) await writeLine(line);
  const selection = deals.pipelineIds === null ? "deals.yaml names none, so every pipeline is selected" : "* selected";
  await writeLine(`\n${selection}`);
  return 0;
}
