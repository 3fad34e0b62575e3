import { readCatalogEntries } from "../../database/catalog.ts";
import type { Queryable } from "../../database/database.ts";
import { type StreamName, streamNames } from "../../stream-name.ts";
import type { MappingChange } from "../brake-terms.ts";
import { knownUpTo, readProgress } from "../stream-progress.ts";

/** The catalog's key for a change of the mapping whose rows are not all settled. */
export const changeKey = "mapping_change";

/** Notes where the streams stand as a change of the mapping begins. */
export async function beginMappingChange(queryable: Queryable): Promise<MappingChange> {
  const since = new Date().toISOString();
  const known: Partial<Record<StreamName, string | null>> = {};
  for (const stream of streamNames) known[stream] = knownUpTo(await readProgress(queryable, stream));
  return { since, known };
}

/**
 * Reads whether rows change because the mapping did: a run has begun to map all anew and none came to the end of it, or
 * the mapping is another one than that of the last run, which this run (of some companies) leaves to the next one.
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
