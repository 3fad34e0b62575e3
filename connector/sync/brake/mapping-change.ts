import type { Queryable } from "../../database/database.ts";
import { readCatalogEntries } from "../../database/tables/catalog.ts";
import { listedStreams, type StreamName } from "../../stream-name.ts";
import type { MappingChange } from "../brake-terms.ts";
import { knownUpTo, readProgress } from "../stream-progress.ts";

/** The catalog's key for a change of the mapping whose rows are not all applied. */
export const changeKey = "mapping_change";

/** Records the position of each stream at the start of a change of the mapping. */
export async function beginMappingChange(queryable: Queryable): Promise<MappingChange> {
  const since = new Date().toISOString();
  const known: Partial<Record<StreamName, string | null>> = {};
  for (const stream of listedStreams) known[stream] = knownUpTo(await readProgress(queryable, stream));
  // The products of a deal are read with it.
  known.deal_products = known.deals ?? null;
  return { since, known };
}

/**
 * Reads whether rows change because the mapping did. Either a run has started to map everything again and none has
 * finished it. Or the mapping differs from that of the last run, and this run, of some companies, leaves it to the next
 * one.
 */
export async function readMappingChange(
  queryable: Queryable,
  fingerprint: string,
  began: string,
): Promise<MappingChange | undefined> {
  const kept = await readCatalogEntries(queryable, ["mapping", changeKey]);
  const begun = kept.get(changeKey) as unknown as MappingChange | undefined;
  if (begun !== undefined) return begun;
  const last = kept.get("mapping");
  return last === undefined || last === fingerprint ? undefined : { since: began, known: {} };
}
