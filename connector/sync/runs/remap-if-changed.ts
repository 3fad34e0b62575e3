import { addLandedDeals } from "../../database/landing/pending.ts";
import { readCatalogEntries, saveCatalogEntry } from "../../database/tables/catalog.ts";
import { forgetWaiting } from "../../database/tables/consents.ts";
import { commitRun } from "../../database/tables/fence.ts";
import { forgetHarmOf } from "../../database/tables/harm.ts";
import { beginMappingChange, changeKey } from "../brake/mapping-change.ts";
import type { MappingChange } from "../brake-terms.ts";
import type { Run, RunRequest } from "../run-context.ts";
import { rememberMapped } from "./unmapped-fields.ts";

/**
 * Queues every landed deal if the mapping differs from that of the last run; they are applied from the landing, without
 * API calls. From then on the run knows whether rows change because of this or an earlier change of the mapping.
 */
export async function remapIfChanged(run: Run<RunRequest>): Promise<void> {
  const { database, mapping } = run.request;
  const kept = await readCatalogEntries(database, ["mapping", changeKey]);
  const last = kept.get("mapping");
  if (last !== mapping.fingerprint) await takeMapping(run, { remap: last !== undefined });
  else run.mappingChange = { found: kept.get(changeKey) as unknown as MappingChange | undefined };
}

/** Queues every landed deal, whether or not the mapping changed. */
export async function remapAll(run: Run<RunRequest>): Promise<void> {
  await takeMapping(run, { remap: true });
}

async function takeMapping(run: Run<RunRequest>, { remap }: { remap: boolean }): Promise<void> {
  const { database, mapping } = run.request;
  const change = remap ? await beginMappingChange(database) : undefined;
  await commitRun(database, run.id, async (transaction) => {
    if (remap) {
      await addLandedDeals(transaction);
      // A new mapping starts a new count: one that reverts the last must not be stopped because of the last one's harm.
      await forgetHarmOf(transaction, mapping.fingerprint);
    }
    await rememberMapped(transaction, mapping, { hasRows: remap });
    await saveCatalogEntry(transaction, "mapping", mapping.fingerprint);
    if (change !== undefined) await saveCatalogEntry(transaction, changeKey, change);
    // A request to clear fields of an earlier mapping must be repeated for this one.
    if (remap) await forgetWaiting(transaction, "clearing");
  });
  run.mappingChange = { found: change };
}
