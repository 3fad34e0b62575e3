import { readCatalogEntries, saveCatalogEntry } from "../../database/catalog.ts";
import { forgetWaiting } from "../../database/consents.ts";
import { holdFence } from "../../database/fence.ts";
import { forgetHarmOf } from "../../database/harm.ts";
import { addLandedDeals } from "../../database/pending.ts";
import { beginMappingChange, changeKey } from "../brake/mapping-change.ts";
import type { MappingChange } from "../brake-terms.ts";
import type { Run, RunRequest } from "../run-context.ts";
import { rememberMapped } from "./unmapped-fields.ts";

/**
 * When the mapping is another one than that of the last run, every landed deal is settled again, from the landing and
 * without any API call. The run knows from then on whether rows change because of that, or of such a change before.
 */
export async function remapIfChanged(run: Run<RunRequest>): Promise<void> {
  const { database, mapping } = run.request;
  const kept = await readCatalogEntries(database, ["mapping", changeKey]);
  const last = kept.get("mapping");
  if (last !== mapping.fingerprint) await takeMapping(run, { remap: last !== undefined });
  else run.mappingChange = { found: kept.get(changeKey) as unknown as MappingChange | undefined };
}

/** Makes every landed deal pending, whether or not the mapping changed. */
export async function remapAll(run: Run<RunRequest>): Promise<void> {
  await takeMapping(run, { remap: true });
}

async function takeMapping(run: Run<RunRequest>, { remap }: { remap: boolean }): Promise<void> {
  const { database, mapping } = run.request;
  const change = remap ? await beginMappingChange(database) : undefined;
  await database.transaction(async (transaction) => {
    if (remap) {
      await addLandedDeals(transaction);
      // Another mapping is another decision: one that takes the last one back must not be stopped for what that did.
      await forgetHarmOf(transaction, mapping.fingerprint);
    }
    await rememberMapped(transaction, mapping, { hasRows: remap });
    await saveCatalogEntry(transaction, "mapping", mapping.fingerprint);
    if (change !== undefined) await saveCatalogEntry(transaction, changeKey, change);
    // Whoever asked to clear what another mapping had left asks again, of this one.
    if (remap) await forgetWaiting(transaction, "clearing");
    await holdFence(transaction, run.id);
  });
  run.mappingChange = { found: change };
}
