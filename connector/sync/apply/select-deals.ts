import type { Queryable } from "../../database/database.ts";
import type { LandedRecord } from "../../database/landing/landing.ts";
import type { CompiledDeals } from "../../mapping/compiled-mapping.ts";
import { earlySkipReason, skipReason } from "../decide/eligibility.ts";
import { around, completeGraph, type RecordGraph } from "../land/record-graph.ts";
import type { SkipReason } from "../summary.ts";

/** Deals, separated by whether they sync. */
export interface SelectedDeals {
  eligible: LandedRecord[];
  /** The reason why each other deal does not sync, by id. */
  skipped: Map<number, SkipReason>;
}

/**
 * Separates the landed deals that sync from the others, and adds their related records to the graph. A deal that may
 * sync and whose copy is lean is neither: it must be read first.
 */
export async function selectDeals(
  queryable: Queryable,
  deals: CompiledDeals,
  landed: readonly LandedRecord[],
  graph: RecordGraph,
): Promise<SelectedDeals> {
  const selected: SelectedDeals = { eligible: [], skipped: new Map() };
  const candidates: LandedRecord[] = [];
  for (const deal of landed) {
    const reason = earlySkipReason(deals, deal.record, deal.deleted);
    if (reason === undefined && deal.lean === true) continue;
    if (reason === undefined) candidates.push(deal);
    else selected.skipped.set(deal.id, reason);
  }
  await completeGraph(queryable, graph, "deals", candidates);
  for (const deal of candidates) {
    const reason = skipReason(deals, { ...deal, context: around(deal.record, graph) });
    if (reason === undefined) selected.eligible.push(deal);
    else selected.skipped.set(deal.id, reason);
  }
  return selected;
}
