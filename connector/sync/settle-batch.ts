import type { Transaction } from "../database/database.ts";
import { type LandedRecord, readLanded } from "../database/landing.ts";
import { replaceRejections } from "../database/rejections.ts";
import { receives } from "../mapping/direction.ts";
import { dealCandidates, noteCandidates, organizationCandidates, personCandidates } from "./candidates.ts";
import { inTurn } from "./in-turn.ts";
import type { Batch } from "./read-batch.ts";
import type { SettleContext } from "./settle-context.ts";
import { settleRows } from "./settle-rows.ts";
import { countSkipped } from "./summary.ts";

/** A part of a batch. It writes nothing before `turn`. */
type Step = (transaction: Transaction, context: SettleContext, batch: Batch, turn?: Promise<void>) => Promise<void>;

/**
 * Maps and stores one batch: organizations first, because the other rows belong to companies, then persons, deals and
 * notes. Each stream only when it receives. While Postgres stores the rows of one step, those of the next are decided.
 */
export async function settleBatch(transaction: Transaction, context: SettleContext, batch: Batch): Promise<void> {
  count(context, batch);
  // What was wrong with a deal that does not sync any more is no matter now.
  if (batch.skippedIds.length > 0) await replaceRejections(transaction, context.runId, "deals", batch.skippedIds, []);
  if (batch.eligible.length === 0) return;
  const steps: Step[] = [settleOrganizations, settlePersons, settleDeals];
  batch.noteIds.forEach((ids, part) => {
    steps.push(settleNotes(ids, part === 0 ? batch.firstNotes : undefined));
  });
  await inTurn(steps, (step, earlier) => step(transaction, context, batch, earlier?.done));
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
  { graph, personIds, ownDeals }: Batch,
  companies?: Promise<void>,
): Promise<void> {
  await companies;
  const stream = context.mapping.persons;
  if (!receives(stream.direction)) return;
  const persons = { stream, landed: present(graph.persons, personIds), graph };
  const candidates = await personCandidates(transaction, persons, context.mapping.deals, ownDeals);
  await settleRows(transaction, context, stream, candidates);
}

/** Companies are there when it begins: with each step the one before the last has ended. */
async function settleDeals(
  transaction: Transaction,
  context: SettleContext,
  batch: Batch,
  turn?: Promise<void>,
): Promise<void> {
  const stream = context.mapping.deals;
  const deals = { stream, landed: batch.eligible, graph: batch.graph };
  await settleRows(transaction, context, stream, await dealCandidates(transaction, deals), turn);
}

/** So are end users, whose company a note may belong to. */
function settleNotes(ids: readonly number[], read: readonly LandedRecord[] | undefined): Step {
  return async (transaction, context, { graph }, turn) => {
    const stream = context.mapping.notes;
    if (!receives(stream.direction)) return;
    const landed = read ?? (await readLanded(transaction, "notes", ids, graph.unread.notes));
    const notes = { stream, landed, graph };
    await settleRows(transaction, context, stream, await noteCandidates(transaction, notes), turn);
  };
}

/** The records with the given ids that were read and are not deleted. */
function present(known: ReadonlyMap<number, LandedRecord>, ids: readonly number[]): LandedRecord[] {
  return ids.flatMap((id) => known.get(id) ?? []).filter(({ deleted }) => !deleted);
}
