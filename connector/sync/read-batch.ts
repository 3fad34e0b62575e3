import { dealsOfOrganizations, notesOn, personsOfOrganizations } from "../database/association.ts";
import type { Queryable } from "../database/database.ts";
import { type LandedRecord, readDealHeads, readLanded } from "../database/landing.ts";
import { nextPending, type PendingEntry } from "../database/pending.ts";
import type { CompiledMapping } from "../mapping/compiled-mapping.ts";
import { earlySkipReason, type SkipReason, skipReason } from "./eligibility.ts";
import { around, completeGraph, type RecordGraph, readInto, references } from "./record-graph.ts";

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
  const graph: RecordGraph = { organizations: new Map(), persons: new Map() };
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
  const skip = (id: number, reason: SkipReason) => {
    batch.skippedIds.push(id);
    batch.skipped[reason] = (batch.skipped[reason] ?? 0) + 1;
  };
  const candidates: number[] = [];
  for (const { id, record, deleted } of await readDealHeads(queryable, await dealsOf(queryable, entries))) {
    const reason = earlySkipReason(mapping.deals, record, deleted);
    if (reason === undefined) candidates.push(id);
    else skip(id, reason);
  }
  const deals = await readLanded(queryable, "deals", candidates);
  await completeGraph(queryable, graph, deals);
  for (const deal of deals) {
    const reason = skipReason(mapping.deals, { ...deal, context: around(deal.record, graph) });
    if (reason === undefined) batch.eligible.push(deal);
    else skip(deal.id, reason);
  }
  if (batch.eligible.length === 0) return batch;
  batch.organizationIds = references(batch.eligible, "org_id");
  const ofOrganizations = await personsOfOrganizations(queryable, batch.organizationIds);
  batch.personIds = [...new Set([...ofOrganizations, ...references(batch.eligible, "person_id")])];
  await readInto(queryable, graph.persons, "persons", batch.personIds);
  batch.noteIds = await notesOn(queryable, {
    deals: batch.eligible.map(({ id }) => id),
    organizations: batch.organizationIds,
    persons: batch.personIds,
  });
  return batch;
}

/** The pending deals, and every deal of an organization that is pending for another reason than a deal. */
async function dealsOf(queryable: Queryable, entries: readonly PendingEntry[]): Promise<number[]> {
  const ids = new Set(entries.filter(({ stream }) => stream === "deals").map(({ recordId }) => recordId));
  const whole = new Set(entries.filter(({ stream }) => stream !== "deals").map(({ organizationId }) => organizationId));
  if (whole.size > 0) for (const id of await dealsOfOrganizations(queryable, [...whole])) ids.add(id);
  return [...ids];
}
