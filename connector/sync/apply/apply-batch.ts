import { inTurn } from "../../concurrency.ts";
import type { Transaction } from "../../database/database.ts";
import { type LandedRecord, readLanded } from "../../database/landing/landing.ts";
import { changedSince } from "../../database/tables/harm.ts";
import { replaceRejections } from "../../database/tables/rejections.ts";
import { receives } from "../../mapping/direction.ts";
import type { StreamName } from "../../stream-name.ts";
import type { Candidate } from "../decision.ts";
import { reference } from "../land/record-graph.ts";
import { countSkipped } from "../summary.ts";
import { AppliedNotes } from "./applied-notes.ts";
import type { ApplyContext } from "./apply-context.ts";
import { applyProducts, readProducts, replacedByDeals } from "./apply-products.ts";
import { applyRows } from "./apply-rows.ts";
import { dealCandidates, noteCandidates, organizationCandidates, personCandidates } from "./candidates.ts";
import { takeUpAgain } from "./end-rows.ts";
import { keepLeftOut } from "./keep-left-out.ts";
import type { Batch } from "./read-batch.ts";
import { Triggers } from "./triggers.ts";

/**
 * Maps and stores the organizations of a batch, then its persons, because their rows belong to companies. Skips a
 * stream that does not receive.
 */
export async function applyCompanies(transaction: Transaction, context: ApplyContext, batch: Batch): Promise<void> {
  if (batch.eligible.length === 0) return;
  const triggers = await triggersOf(transaction, context, batch);
  await applyOrganizations(transaction, context, batch, triggers);
  await applyPersons(transaction, context, batch, triggers);
}

/** Counts a batch, then maps and stores its deals, whose companies exist. */
export async function applyDeals(transaction: Transaction, context: ApplyContext, batch: Batch): Promise<void> {
  countBatch(context, batch);
  // Rejections of a deal that no longer syncs are obsolete.
  const { skipped, graph } = batch;
  if (skipped.size > 0 && transaction.asIf === undefined)
    await replaceRejections(transaction, { runId: context.runId, stream: "deals" }, [...skipped.keys()], []);
  await keepLeftOut(transaction, context, skipped);
  const stream = context.mapping.deals;
  const { eligible } = batch;
  const deals = await dealCandidates(transaction, { stream, landed: eligible, graph });
  const candidates = deals.filter(({ mapped }) => mapped.none !== true);
  await takeUpAgain(transaction, context, "deals", candidates);
  const triggers = await triggersOf(transaction, context, batch);
  giveReasons(triggers, "deals", eligible, deals);
  const products = await readProducts(transaction, context, deals, graph);
  const replaceable = replacedByDeals(context, candidates, products);
  await applyRows(transaction, context, { stream, candidates, replaceable });
  const count = products.living.length + products.left.length + products.own.size;
  if (candidates.length === deals.length && count === 0) return;
  await applyProducts(transaction, context, products, { deals, triggers, graph });
}

/**
 * Maps and stores the notes of a batch, whose companies and end users exist, if notes receive. While Postgres stores
 * the rows of one part, the next part is decided. Skips notes that were applied since the batch was read and stay so.
 * Returns the notes that other batches may bring again.
 */
export async function applyNotes(
  transaction: Transaction,
  context: ApplyContext,
  batch: Batch,
  applied: AppliedNotes,
): Promise<AppliedNotes> {
  const { noteIds, firstNotes, organizationIds, graph } = batch;
  const stream = context.mapping.notes;
  const again = new AppliedNotes();
  if (!receives(stream.direction)) return again;
  const organizations = new Set(organizationIds);
  const isElsewhere = ({ record }: LandedRecord) => !organizations.has(reference(record, "org_id") ?? 0);
  const elsewhere = new Set([...graph.persons.values()].filter(isElsewhere).map(({ id }) => id));
  const triggers = await triggersOf(transaction, context, batch);
  await inTurn(noteIds.entries(), 2, async ([part, ids], underWay) => {
    const read = part === 0 ? firstNotes : await readLanded(transaction, "notes", ids, graph.unread.notes);
    const landed = read.filter(({ id, lean }) => lean !== true && !applied.stays(id, organizations));
    const candidates = await noteCandidates(transaction, { stream, landed, graph });
    giveReasons(triggers, "notes", landed, candidates);
    await applyRows(transaction, context, { stream, candidates, turn: underWay.at(-1)?.done });
    for (const [index, { recordId, company }] of candidates.entries()) {
      if (elsewhere.has(reference(landed[index]!.record, "person_id") ?? 0)) again.add(recordId, company);
    }
  });
  return again;
}

/**
 * Counts the deals of a batch. An organization requested by itself, without an eligible deal, counts as not associated.
 */
function countBatch({ summary }: ApplyContext, { entries, eligible, skipped, organizationIds }: Batch): void {
  const { deals, organizations } = summary.streams;
  deals.eligible = (deals.eligible ?? 0) + eligible.length;
  for (const reason of skipped.values()) countSkipped(deals, { [reason]: 1 });
  const brought = new Set(organizationIds);
  const alone = entries.filter(({ stream, recordId }) => stream === "organizations" && !brought.has(recordId)).length;
  if (alone > 0) countSkipped(organizations, { not_associated: alone });
}

async function applyOrganizations(
  transaction: Transaction,
  context: ApplyContext,
  batch: Batch,
  triggers: Triggers,
): Promise<void> {
  const stream = context.mapping.organizations;
  if (!receives(stream.direction)) return;
  const landed = present(batch.graph.organizations, batch.organizationIds);
  const candidates = organizationCandidates({ stream, landed, graph: batch.graph });
  giveReasons(triggers, "organizations", landed, candidates);
  await applyRows(transaction, context, { stream, candidates });
}

async function applyPersons(
  transaction: Transaction,
  context: ApplyContext,
  { graph, personIds, ownDeals }: Batch,
  triggers: Triggers,
): Promise<void> {
  const stream = context.mapping.persons;
  if (!receives(stream.direction)) return;
  const persons = { stream, landed: present(graph.persons, personIds), graph };
  const candidates = await personCandidates(transaction, persons, context.mapping.deals, ownDeals);
  giveReasons(triggers, "persons", persons.landed, candidates);
  await applyRows(transaction, context, { stream, candidates });
}

/** Returns the triggers of a batch, which give the reasons of its rows' changes. */
async function triggersOf(transaction: Transaction, { mappingChange }: ApplyContext, batch: Batch): Promise<Triggers> {
  if (mappingChange === undefined) return new Triggers(batch);
  const deals = batch.entries.filter(({ stream }) => stream === "deals").map(({ recordId }) => recordId);
  return new Triggers(batch, await changedSince(transaction, "deals", deals, { ...mappingChange, lookedInto: [] }));
}

/** Sets each candidate's function that returns the reason of its change. */
function giveReasons(
  triggers: Triggers,
  stream: StreamName,
  landed: readonly LandedRecord[],
  candidates: Candidate[],
): void {
  for (const [index, candidate] of candidates.entries()) {
    candidate.because = () => triggers.of(stream, landed[index]!);
  }
}

/** Returns the loaded records with the given ids that are not deleted and can be mapped: a lean copy has no values. */
function present(known: ReadonlyMap<number, LandedRecord>, ids: readonly number[]): LandedRecord[] {
  return ids.flatMap((id) => known.get(id) ?? []).filter(({ deleted, lean }) => !deleted && lean !== true);
}
