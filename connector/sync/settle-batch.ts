import { companiesOfEndusers, organizationsOfDeals, organizationsOfPersons } from "../database/association.ts";
import type { Transaction } from "../database/database.ts";
import { type LandedRecord, readLanded } from "../database/landing.ts";
import { replaceRejections } from "../database/rejections.ts";
import type { CompiledStream } from "../mapping/compiled-mapping.ts";
import type { CompanyReference } from "./decide-candidate.ts";
import { findCompanies } from "./find-companies.ts";
import type { Batch } from "./read-batch.ts";
import { around, completeGraph, type RecordGraph, reference, references } from "./record-graph.ts";
import type { SettleContext } from "./settle-context.ts";
import { settleRows } from "./settle-rows.ts";

/** How many notes are held in memory at once: one may be as large as a megabyte. */
const notesAtOnce = 1000;

/**
 * Maps and stores one batch: organizations first, because the other rows belong to companies, then persons, deals and
 * notes. Each stream only when it receives.
 */
export async function settleBatch(transaction: Transaction, context: SettleContext, batch: Batch): Promise<void> {
  count(context, batch);
  // What was wrong with a deal that does not sync any more is no matter now.
  if (batch.skippedIds.length > 0) await replaceRejections(transaction, context.runId, "deals", batch.skippedIds, []);
  if (batch.eligible.length === 0) return;
  await settleOrganizations(transaction, context, batch);
  await settlePersons(transaction, context, batch);
  await settleDeals(transaction, context, batch);
  for (let start = 0; start < batch.noteIds.length; start += notesAtOnce) {
    await settleNotes(transaction, context, batch.noteIds.slice(start, start + notesAtOnce), batch.graph);
  }
}

/** An organization that was asked for by itself, and that no eligible deal brings, is counted as such. */
function count({ summary }: SettleContext, { entries, eligible, skipped, organizationIds }: Batch): void {
  const deals = summary.streams.deals;
  deals.eligible = (deals.eligible ?? 0) + eligible.length;
  deals.skipped ??= {};
  for (const [reason, number] of Object.entries(skipped) as [keyof typeof skipped, number][]) {
    deals.skipped[reason] = (deals.skipped[reason] ?? 0) + number;
  }
  const brought = new Set(organizationIds);
  const alone = entries.filter(({ stream, recordId }) => stream === "organizations" && !brought.has(recordId)).length;
  if (alone === 0) return;
  const organizations = summary.streams.organizations;
  organizations.skipped = {
    ...organizations.skipped,
    not_associated: (organizations.skipped?.not_associated ?? 0) + alone,
  };
}

async function settleOrganizations(transaction: Transaction, context: SettleContext, batch: Batch): Promise<void> {
  const stream = context.mapping.organizations;
  if (!receives(stream)) return;
  const organizations = present(batch.graph.organizations, batch.organizationIds);
  await settleRows(transaction, context, stream, candidatesOf(stream, organizations, batch.graph));
}

async function settlePersons(transaction: Transaction, context: SettleContext, batch: Batch): Promise<void> {
  const stream = context.mapping.persons;
  if (!receives(stream)) return;
  const persons = present(batch.graph.persons, batch.personIds);
  await completeGraph(transaction, batch.graph, persons);
  // The deal's own person may be in another organization or in none: then the deal's company is the next best.
  const ofDeals = new Map(
    batch.eligible.map(({ record }) => [reference(record, "person_id"), reference(record, "org_id")]),
  );
  const companies = await findCompanies(
    transaction,
    persons.map(({ id, record }) => [reference(record, "org_id"), ofDeals.get(id)]),
  );
  const candidates = candidatesOf(stream, persons, batch.graph);
  await settleRows(
    transaction,
    context,
    stream,
    candidates.map((candidate, index) => ({ ...candidate, company: companies[index]! })),
  );
}

async function settleDeals(transaction: Transaction, context: SettleContext, batch: Batch): Promise<void> {
  const stream = context.mapping.deals;
  const companies = await findCompanies(
    transaction,
    batch.eligible.map(({ record }) => [reference(record, "org_id")]),
  );
  const candidates = candidatesOf(stream, batch.eligible, batch.graph);
  await settleRows(
    transaction,
    context,
    stream,
    candidates.map((candidate, index) => ({ ...candidate, company: companies[index]! })),
  );
}

async function settleNotes(
  transaction: Transaction,
  context: SettleContext,
  ids: readonly number[],
  graph: RecordGraph,
): Promise<void> {
  const stream = context.mapping.notes;
  if (!receives(stream)) return;
  const notes = await readLanded(transaction, "notes", ids);
  await completeGraph(transaction, graph, notes);
  const companies = await companiesOfNotes(transaction, notes);
  const candidates = candidatesOf(stream, notes, graph).map((candidate, index) => ({
    ...candidate,
    company: companies[index]!,
    externalId: `pipedrive-note-${candidate.recordId}`,
    constants: { type: "note" },
  }));
  await settleRows(transaction, context, stream, candidates);
}

/** A note's company is its organization's, else its deal's, else its person's (contract, section 7). */
async function companiesOfNotes(transaction: Transaction, notes: readonly LandedRecord[]): Promise<CompanyReference[]> {
  const own = await findCompanies(
    transaction,
    notes.map(({ record }) => [reference(record, "org_id")]),
  );
  const others = notes.filter((_note, index) => "missing" in own[index]!);
  if (others.length === 0) return own;
  const ofDeals = await organizationsOfDeals(transaction, references(others, "deal_id"));
  const ofPersons = await organizationsOfPersons(transaction, references(others, "person_id"));
  const found = await findCompanies(
    transaction,
    others.map(({ record }) => [
      reference(record, "org_id"),
      ofDeals.get(reference(record, "deal_id") ?? 0),
      ofPersons.get(reference(record, "person_id") ?? 0),
    ]),
  );
  // A person without an organization was linked to its deal's company.
  const ofEndusers = await companiesOfEndusers(transaction, references(others, "person_id"));
  const better = new Map(
    others.map(({ id, record }, index): [number, CompanyReference] => {
      const rowId = ofEndusers.get(reference(record, "person_id") ?? 0);
      return [id, "missing" in found[index]! && rowId !== undefined ? { rowId } : found[index]!];
    }),
  );
  return notes.map(({ id }, index) => better.get(id) ?? own[index]!);
}

function candidatesOf(stream: CompiledStream, landed: readonly LandedRecord[], graph: RecordGraph) {
  return landed.map(({ id, record, updateTime }) => ({
    recordId: id,
    mapped: stream.map(record, around(record, graph)),
    updateTime,
  }));
}

/** The records with the given ids that were read and are not deleted. */
function present(known: ReadonlyMap<number, LandedRecord>, ids: readonly number[]): LandedRecord[] {
  return ids.flatMap((id) => known.get(id) ?? []).filter(({ deleted }) => !deleted);
}

function receives({ direction }: CompiledStream): boolean {
  return direction === "receive" || direction === "both";
}
