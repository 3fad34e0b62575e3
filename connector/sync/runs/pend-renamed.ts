import type { AccountCatalog } from "../../account-catalog.ts";
import type { Transaction } from "../../database/database.ts";
import { dealsBringing, recordsHolding } from "../../database/landing/association.ts";
import { addLandedDeals, addPending } from "../../database/landing/pending.ts";
import type { CompiledMapping } from "../../mapping/compiled-mapping.ts";
import { anyNameChanged, type ChangedNames, changedNames } from "./changed-names.ts";

/**
 * The names that changed since the last catalog; `all` if the mapping is invalid, so that it is unknown which of them
 * it shows.
 */
export type Renamed = "all" | readonly ChangedNames[];

const recordsAtOnce = 5_000;

/** Returns the changed names for which records must be applied again; undefined if there are none. */
export function findRenamed(
  now: AccountCatalog,
  before: AccountCatalog,
  mapping: CompiledMapping | undefined,
): Renamed | undefined {
  if (mapping === undefined) return anyNameChanged(now, before) ? "all" : undefined;
  const changed = changedNames(now, before, mapping.shown);
  return changed.length === 0 ? undefined : changed;
}

/** Queues the deals that bring records which show a changed name: no list reports them as changed. */
export async function pendRenamed(transaction: Transaction, renamed: Renamed): Promise<void> {
  if (renamed === "all" || renamed.some(({ ids }) => ids === null)) {
    await addLandedDeals(transaction);
    return;
  }
  for (const { shown, ids } of renamed) {
    const records = await recordsHolding(transaction, shown, ids!);
    for (let start = 0; start < records.length; start += recordsAtOnce) {
      const deals = await dealsBringing(transaction, shown.stream, records.slice(start, start + recordsAtOnce));
      await addPending(
        transaction,
        deals.map(({ dealId, organizationId }) => ({ organizationId, stream: "deals", recordId: dealId })),
      );
    }
  }
}
