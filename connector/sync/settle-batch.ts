import type { Transaction } from "../database/database.ts";
import { type LandedRecord, readLanded } from "../database/landing.ts";
import { replaceRejections } from "../database/rejections.ts";
import { receives } from "../mapping/direction.ts";
import { dealCandidates, noteCandidates, organizationCandidates, personCandidates } from "./candidates.ts";
import type { Batch } from "./read-batch.ts";
import type { RecordGraph } from "./record-graph.ts";
import type { SettleContext } from "./settle-context.ts";
import { settleRows } from "./settle-rows.ts";
import { countSkipped } from "./summary.ts";

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
  const { deals, organizations } = summary.streams;
  deals.eligible = (deals.eligible ?? 0) + eligible.length;
  countSkipped(deals, skipped);
  const brought = new Set(organizationIds);
  const alone = entries.filter(({ stream, recordId }) => stream === "organizations" && !brought.has(recordId)).length;
  if (alone > 0) countSkipped(organizations, { not_associated: alone });
}

async function settleOrganizations(transaction: Transaction, context: SettleContext, batch: Batch): Promise<void> {
  const stream = context.mapping.organizations;
  if (!receives(stream.direction)) return;
  const landed = present(batch.graph.organizations, batch.organizationIds);
  await settleRows(transaction, context, stream, organizationCandidates({ stream, landed, graph: batch.graph }));
}

async function settlePersons(
  transaction: Transaction,
  context: SettleContext,
  { graph, personIds }: Batch,
): Promise<void> {
  const stream = context.mapping.persons;
  if (!receives(stream.direction)) return;
  const persons = { stream, landed: present(graph.persons, personIds), graph };
  await settleRows(transaction, context, stream, await personCandidates(transaction, persons, context.mapping.deals));
}

async function settleDeals(transaction: Transaction, context: SettleContext, batch: Batch): Promise<void> {
  const stream = context.mapping.deals;
  const deals = { stream, landed: batch.eligible, graph: batch.graph };
  await settleRows(transaction, context, stream, await dealCandidates(transaction, deals));
}

async function settleNotes(
  transaction: Transaction,
  context: SettleContext,
  ids: readonly number[],
  graph: RecordGraph,
): Promise<void> {
  const stream = context.mapping.notes;
  if (!receives(stream.direction)) return;
  const notes = { stream, landed: await readLanded(transaction, "notes", ids, graph.customFields.notes), graph };
  await settleRows(transaction, context, stream, await noteCandidates(transaction, notes));
}

/** The records with the given ids that were read and are not deleted. */
function present(known: ReadonlyMap<number, LandedRecord>, ids: readonly number[]): LandedRecord[] {
  return ids.flatMap((id) => known.get(id) ?? []).filter(({ deleted }) => !deleted);
}
