import { dealsOfOrganizations, notesOn, personsOfOrganizations } from "../database/association.ts";
import type { Queryable } from "../database/database.ts";
import { type LandedRecord, readLanded } from "../database/landing.ts";
import { nextPending, type PendingEntry } from "../database/pending.ts";
import type { CompiledDeals, CompiledMapping } from "../mapping/compiled-mapping.ts";
import { earlySkipReason, type SkipReason, skipReason } from "./eligibility.ts";
import { around, completeGraph, emptyGraph, type RecordGraph, readInto, references } from "./record-graph.ts";

/** How many pending records are settled in one transaction: enough for their rows to be stored in bulk. */
const batchSize = 2000;

/** Pending work with the landed records that it takes, selected and ready to be mapped. */
export interface Batch {
  entries: PendingEntry[];
  /** The deals that sync. */
  eligible: LandedRecord[];
  /** How many deals do not, and why. */
  skipped: Partial<Record<SkipReason, number>>;
  /** The deals that do not. */
  skippedIds: number[];
  /** The organizations of the eligible deals. */
  organizationIds: number[];
  /** The persons of those organizations, and the deals' own. */
  personIds: number[];
  /** The notes on any of them. */
  noteIds: number[];
  graph: RecordGraph;
}

/** Reads all pending work, batch by batch in the order of organizations; `organizations` limits it to those given. */
export async function* readBatches(
  queryable: Queryable,
  mapping: CompiledMapping,
  organizations: readonly number[] | undefined,
): AsyncGenerator<Batch, void> {
  let after: PendingEntry | undefined;
  for (;;) {
    const entries = await nextPending(queryable, { limit: batchSize, after, organizations });
    if (entries.length === 0) return;
    yield await readBatch(queryable, mapping, entries);
    after = entries.at(-1);
  }
}

/**
 * Selects what belongs to pending work: the eligible deals among it, their organizations, the persons of those and
 * their own, and the notes on any of them. Everything comes from the landing; nothing is asked of the API.
 */
export async function readBatch(
  queryable: Queryable,
  mapping: CompiledMapping,
  entries: PendingEntry[],
): Promise<Batch> {
  const graph = emptyGraph(mapping);
  const batch: Batch = {
    entries,
    eligible: [],
    skipped: {},
    skippedIds: [],
    organizationIds: [],
    personIds: [],
    noteIds: [],
    graph,
  };
  const { eligible, skipped } = await selectDeals(queryable, mapping.deals, await dealsOf(queryable, entries), graph);
  batch.eligible = eligible;
  for (const [id, reason] of skipped) {
    batch.skippedIds.push(id);
    batch.skipped[reason] = (batch.skipped[reason] ?? 0) + 1;
  }
  if (batch.eligible.length === 0) return batch;
  batch.organizationIds = references(batch.eligible, "org_id");
  const ofOrganizations = await personsOfOrganizations(queryable, batch.organizationIds);
  batch.personIds = [...new Set([...ofOrganizations, ...references(batch.eligible, "person_id")])];
  await readInto(queryable, graph, "persons", batch.personIds);
  batch.noteIds = await notesOn(queryable, {
    deals: batch.eligible.map(({ id }) => id),
    organizations: batch.organizationIds,
    persons: batch.personIds,
  });
  return batch;
}

/** Deals, told apart by whether they sync. */
export interface SelectedDeals {
  eligible: LandedRecord[];
  /** Why each of the others does not, by id. */
  skipped: Map<number, SkipReason>;
}

/** Tells those of the given landed deals that sync from those that do not, and adds what is around them to the graph. */
export async function selectDeals(
  queryable: Queryable,
  deals: CompiledDeals,
  ids: readonly number[],
  graph: RecordGraph,
): Promise<SelectedDeals> {
  const selected: SelectedDeals = { eligible: [], skipped: new Map() };
  const candidates: LandedRecord[] = [];
  for (const deal of await readLanded(queryable, "deals", ids, graph.customFields.deals)) {
    const reason = earlySkipReason(deals, deal.record, deal.deleted);
    if (reason === undefined) candidates.push(deal);
    else selected.skipped.set(deal.id, reason);
  }
  await completeGraph(queryable, graph, candidates);
  for (const deal of candidates) {
    const reason = skipReason(deals, { ...deal, context: around(deal.record, graph) });
    if (reason === undefined) selected.eligible.push(deal);
    else selected.skipped.set(deal.id, reason);
  }
  return selected;
}

/** The pending deals, and every deal of an organization that is pending for another reason than a deal. */
async function dealsOf(queryable: Queryable, entries: readonly PendingEntry[]): Promise<number[]> {
  const ids = new Set(entries.filter(({ stream }) => stream === "deals").map(({ recordId }) => recordId));
  const whole = new Set(entries.filter(({ stream }) => stream !== "deals").map(({ organizationId }) => organizationId));
  if (whole.size > 0) for (const id of await dealsOfOrganizations(queryable, [...whole])) ids.add(id);
  return [...ids];
}
