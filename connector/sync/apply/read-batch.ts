import { allDone } from "../../concurrency.ts";
import type { Queryable } from "../../database/database.ts";
import {
  dealsOfOrganizations,
  dealsOfPersons,
  notesOn,
  personsOfNotes,
  personsOfOrganizations,
} from "../../database/landing/association.ts";
import { type LandedRecord, readLanded } from "../../database/landing/landing.ts";
import { nextPending, type PendingEntry } from "../../database/landing/pending.ts";
import { parentRowIds } from "../../database/rows/rows.ts";
import type { CompiledMapping } from "../../mapping/compiled-mapping.ts";
import type { StreamName } from "../../stream-name.ts";
import { completeGraph, emptyGraph, type RecordGraph, readInto, reference, references } from "../land/record-graph.ts";
import type { SkipReason } from "../summary.ts";
import type { AppliedNotes } from "./applied-notes.ts";
import { organizationsOfOwnDeals } from "./own-deals.ts";
import { selectDeals } from "./select-deals.ts";

/** Pending records per batch: enough to store their rows in bulk. */
const batchSize = 2500;

/** Limits of the notes in memory: their number, and their bytes in Postgres, since one may be 1 MB. */
const notesAtOnce = 2500;
const noteBytesAtOnce = 4_000_000;

/** Pending entries with their landed records, selected and ready to be mapped. */
export interface Batch {
  entries: PendingEntry[];
  /** The deals that sync. */
  eligible: LandedRecord[];
  /** The reason why each other deal does not sync, by id. */
  skipped: ReadonlyMap<number, SkipReason>;
  /** The organizations of the eligible deals. */
  organizationIds: number[];
  /** The persons of those organizations, and the persons of the deals. */
  personIds: number[];
  /** The organizations of a person's eligible deals, by person, for persons of other organizations. */
  ownDeals: Map<number, number[]>;
  /** The notes on any of these records, in parts small enough for memory. */
  noteIds: number[][];
  /** The first part of the notes. */
  firstNotes: LandedRecord[];
  graph: RecordGraph;
}

/** The inputs that all batches of a run share. */
export interface BatchScope {
  mapping: CompiledMapping;
  /** The notes that were applied before. */
  applied: AppliedNotes;
  /** Deals that are left as they are, because what they bring must be read first. */
  waiting?: ReadonlySet<number> | undefined;
}

/**
 * Yields all pending work, batch by batch in the order of organizations, without deals that wait and without notes that
 * stay as applied before. `organizations` limits it to the given ones.
 */
export async function* readBatches(
  queryable: Queryable,
  scope: BatchScope,
  organizations: readonly number[] | undefined,
): AsyncGenerator<Batch, void> {
  const { waiting } = scope;
  let after: PendingEntry | undefined;
  for (;;) {
    const all = await nextPending(queryable, { limit: batchSize, after, organizations });
    if (all.length === 0) return;
    const entries =
      waiting === undefined ? all : all.filter((one) => one.stream !== "deals" || !waiting.has(one.recordId));
    if (entries.length > 0) yield await readBatch(queryable, entries, scope);
    after = all.at(-1);
  }
}

/**
 * Selects the records of pending entries: the eligible deals, their organizations, the persons of both, and the notes
 * on any of them, except notes that stay as applied before, and without deals that wait. Everything comes from the
 * landing; no request is sent.
 */
export async function readBatch(
  queryable: Queryable,
  entries: PendingEntry[],
  { mapping, applied, waiting }: BatchScope,
): Promise<Batch> {
  const graph = emptyGraph(mapping);
  const batch: Batch = {
    entries,
    eligible: [],
    skipped: new Map(),
    organizationIds: [],
    personIds: [],
    ownDeals: new Map(),
    noteIds: [],
    firstNotes: [],
    graph,
  };
  const ids = (await dealsOfEntries(queryable, entries, graph)).filter((id) => waiting?.has(id) !== true);
  const deals = await readLanded(queryable, "deals", ids, graph.unread.deals);
  const { eligible, skipped } = await selectDeals(queryable, mapping.deals, deals, graph);
  batch.eligible = eligible;
  batch.skipped = skipped;
  if (batch.eligible.length === 0) return batch;
  batch.organizationIds = references(batch.eligible, "org_id");
  await readInto(queryable, graph, "organizations", batch.organizationIds);
  const ofOrganizations = await personsOfOrganizations(queryable, batch.organizationIds);
  batch.personIds = [...new Set([...ofOrganizations, ...references(batch.eligible, "person_id")])];
  await readInto(queryable, graph, "persons", batch.personIds);
  const elsewhere = await personsWithoutCompany(queryable, batch);
  const readOwnDeals = async () => {
    batch.ownDeals = await organizationsOfOwnDeals(queryable, mapping.deals, elsewhere, graph);
  };
  await allDone([readOwnDeals(), readNotes(queryable, batch, applied)]);
  return batch;
}

/** Returns the persons of a batch whose organization has no company and gets none in the batch. */
async function personsWithoutCompany(
  queryable: Queryable,
  { personIds, organizationIds, graph }: Batch,
): Promise<number[]> {
  const persons = personIds.flatMap((id) => graph.persons.get(id) ?? []);
  const companies = await parentRowIds(queryable, "company", references(persons, "org_id").map(String));
  const inBatch = new Set(organizationIds);
  return persons.flatMap(({ id, record }) => {
    const own = reference(record, "org_id");
    return own === undefined || !(inBatch.has(own) || companies.has(String(own))) ? [id] : [];
  });
}

async function readNotes(queryable: Queryable, batch: Batch, applied: AppliedNotes): Promise<void> {
  const organizations = new Set(batch.organizationIds);
  const notes = await notesOn(queryable, {
    deals: batch.eligible.map(({ id }) => id),
    organizations: batch.organizationIds,
    persons: batch.personIds,
  });
  let bytes = Number.POSITIVE_INFINITY;
  for (const { id, size } of notes) {
    if (applied.stays(id, organizations)) continue;
    bytes += size;
    if (bytes > noteBytesAtOnce || batch.noteIds.at(-1)!.length >= notesAtOnce) {
      batch.noteIds.push([]);
      bytes = size;
    }
    batch.noteIds.at(-1)!.push(id);
  }
  const { graph, noteIds } = batch;
  batch.firstNotes = await readLanded(queryable, "notes", noteIds[0] ?? [], graph.unread.notes);
  await completeGraph(queryable, graph, "notes", batch.firstNotes);
}

/**
 * Returns the pending deals, and every deal of an organization with another pending entry. Also returns the deals of
 * persons whom such an entry concerns, in any organization: the person's company may be that of any of them.
 */
export async function dealsOfEntries(
  queryable: Queryable,
  entries: readonly PendingEntry[],
  { lookedInto }: RecordGraph,
): Promise<number[]> {
  const idsOf = (name: StreamName) => entries.filter(({ stream }) => stream === name).map(({ recordId }) => recordId);
  const ids = new Set(idsOf("deals"));
  const whole = new Set(entries.filter(({ stream }) => stream !== "deals").map(({ organizationId }) => organizationId));
  if (whole.size === 0) return [...ids];
  for (const id of await dealsOfOrganizations(queryable, [...whole])) ids.add(id);
  const persons = [...idsOf("persons"), ...(await personsOfNotes(queryable, idsOf("notes")))];
  if (lookedInto.persons.includes("organizations"))
    persons.push(...(await personsOfOrganizations(queryable, idsOf("organizations"))));
  for (const id of await dealsOfPersons(queryable, persons)) ids.add(id);
  return [...ids];
}
