import { readCatalogEntry, saveCatalogEntry } from "../database/catalog.ts";
import type { Database } from "../database/database.ts";
import { holdFence } from "../database/fence.ts";
import { addLandedDeals } from "../database/pending.ts";
import type { CompiledMapping } from "../mapping/compiled-mapping.ts";
import { rememberMapped } from "./unmapped-fields.ts";

/**
 * When the mapping is another one than that of the last run, every landed deal is settled again, from the landing and
 * without any API call. Returns whether that is so.
 */
export async function remapIfChanged(database: Database, runId: string, mapping: CompiledMapping): Promise<boolean> {
  const last = await readCatalogEntry(database, "mapping");
  if (last === mapping.fingerprint) return false;
  await takeMapping(database, runId, mapping, { remap: last !== undefined });
  return last !== undefined;
}

/** Makes every landed deal pending, whether or not the mapping changed. */
export async function remapAll(database: Database, runId: string, mapping: CompiledMapping): Promise<void> {
  await takeMapping(database, runId, mapping, { remap: true });
}

async function takeMapping(
  database: Database,
  runId: string,
  mapping: CompiledMapping,
  { remap }: { remap: boolean },
): Promise<void> {
  await database.transaction(async (transaction) => {
    if (remap) await addLandedDeals(transaction);
    await rememberMapped(transaction, mapping, { hasRows: remap });
    await saveCatalogEntry(transaction, "mapping", mapping.fingerprint);
    await holdFence(transaction, runId);
  });
}
