import type { Queryable } from "../../database/database.ts";
import { readLanded } from "../../database/landing/landing.ts";
import { nextPending, type PendingEntry } from "../../database/landing/pending.ts";
import type { CompiledDeals } from "../../mapping/compiled-mapping.ts";
import { earlySkipReason } from "../decide/eligibility.ts";

/** Pending entries per read. */
const entriesAtOnce = 1000;

/**
 * Returns whether a pending deal may be eligible, by its own status, pipeline and organization: then its related
 * records must be up to date. Most deals that change in Pipedrive are open ones, and bring nothing.
 */
export async function someDealMaySync(queryable: Queryable, deals: CompiledDeals): Promise<boolean> {
  let after: PendingEntry | undefined;
  for (;;) {
    const entries = await nextPending(queryable, { limit: entriesAtOnce, after });
    if (entries.length === 0) return false;
    const ids = entries.filter(({ stream }) => stream === "deals").map(({ recordId }) => recordId);
    const landed = await readLanded(queryable, "deals", ids, ["custom_fields"]);
    if (landed.some(({ record, deleted }) => earlySkipReason(deals, record, deleted) === undefined)) return true;
    after = entries.at(-1);
  }
}
