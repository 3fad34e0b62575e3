import type { AccountCatalog } from "../../account-catalog.ts";
import { dealsBringing, recordsHolding } from "../../database/association.ts";
import type { Transaction } from "../../database/database.ts";
import { addLandedDeals, addPending } from "../../database/pending.ts";
import type { CompiledMapping } from "../../mapping/compiled-mapping.ts";
import { anyNameChanged, type ChangedNames, changedNames } from "./changed-names.ts";

/**
 * The names that changed since the account was looked at last; `all` where the mapping is wrong and nobody knows which
 * count.
 */
export type Renamed = "all" | readonly ChangedNames[];

const recordsAtOnce = 5_000;

/**
 * Finds what must be settled again because the account calls something by another name; undefined where nothing must.
 */
export function findRenamed(
  now: AccountCatalog,
  before: AccountCatalog,
  mapping: CompiledMapping | undefined,
): Renamed | undefined {
  if (mapping === undefined) return anyNameChanged(now, before) ? "all" : undefined;
  const changed = changedNames(now, before, mapping.shown);
  return changed.length === 0 ? undefined : changed;
}

/** Makes the deals pending that bring records which show another name now: no list of changes tells of them. */
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
