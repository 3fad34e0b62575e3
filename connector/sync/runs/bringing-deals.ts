import type { Queryable } from "../../database/database.ts";
import { type LandedRecord, landedDealIds, readLanded } from "../../database/landing/landing.ts";
import { nextPending, type PendingEntry } from "../../database/landing/pending.ts";
import type { CompiledDeals, CompiledMapping } from "../../mapping/compiled-mapping.ts";
import { dealsOfEntries } from "../apply/read-batch.ts";
import { selectDeals } from "../apply/select-deals.ts";
import { earlySkipReason } from "../decide/eligibility.ts";
import { emptyGraph, references } from "../land/record-graph.ts";

/** Some deals that bring other records, and the records that they name. */
export interface BringingDeals {
  ids: number[];
  organizations: number[];
  /** The persons of the deals. */
  persons: number[];
}

const dealsAtOnce = 1000;

/**
 * Yields the eligible deals among the pending ones, or among all landed ones, in batches. If the start date comes from
 * an organization or a person, which may not have landed yet, the deals' own rules decide.
 */
export async function* bringingDeals(
  { database, mapping }: { database: Queryable; mapping: CompiledMapping },
  all: boolean,
): AsyncGenerator<BringingDeals, void> {
  for await (const ids of all ? landedDealIds(database, dealsAtOnce) : pendingDealIds(database, mapping)) {
    const graph = emptyGraph(mapping);
    const landed = await readLanded(database, "deals", ids, graph.unread.deals);
    const eligible = await eligibleAmong(database, mapping, landed);
    if (eligible.length > 0) yield bringing(eligible);
  }
}

async function eligibleAmong(
  queryable: Queryable,
  mapping: CompiledMapping,
  landed: readonly LandedRecord[],
): Promise<LandedRecord[]> {
  const { deals, around } = mapping;
  if (around.deals.length > 0) {
    return landed.filter(({ record, deleted }) => earlySkipReason(deals, record, deleted) === undefined);
  }
  return (await selectDeals(queryable, deals, landed, emptyGraph(mapping))).eligible;
}

async function* pendingDealIds(
  queryable: Queryable,
  mapping: CompiledMapping,
  organizations?: readonly number[],
): AsyncGenerator<number[], void> {
  let after: PendingEntry | undefined;
  for (;;) {
    const entries = await nextPending(queryable, { limit: dealsAtOnce, after, organizations });
    if (entries.length === 0) return;
    yield await dealsOfEntries(queryable, entries, emptyGraph(mapping));
    after = entries.at(-1);
  }
}

/**
 * Yields the pending deals that may sync by their own status, pipeline and organization, in batches. `organizations`
 * limits them to the entries of these.
 */
export async function* pendingCandidates(
  { database, mapping }: { database: Queryable; mapping: CompiledMapping },
  organizations?: readonly number[],
): AsyncGenerator<BringingDeals, void> {
  for await (const ids of pendingDealIds(database, mapping, organizations)) {
    const candidates = await candidatesAmong(database, mapping.deals, ids);
    if (candidates.ids.length > 0) yield candidates;
  }
}

/** Returns those of the given landed deals that may sync by their own status, pipeline and organization. */
export async function candidatesAmong(
  queryable: Queryable,
  deals: CompiledDeals,
  ids: readonly number[],
): Promise<BringingDeals> {
  const landed = await readLanded(queryable, "deals", ids, ["custom_fields"]);
  return bringing(landed.filter(({ record, deleted }) => earlySkipReason(deals, record, deleted) === undefined));
}

function bringing(deals: readonly LandedRecord[]): BringingDeals {
  return {
    ids: deals.map(({ id }) => id),
    organizations: references(deals, "org_id"),
    persons: references(deals, "person_id"),
  };
}

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
