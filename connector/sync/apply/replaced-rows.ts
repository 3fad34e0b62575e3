import type { Transaction } from "../../database/database.ts";
import { endHolds, readHolds } from "../../database/history/holds.ts";
import { releaseRows } from "../../database/rows/kept.ts";
import { removeLinks } from "../../database/rows/links.ts";
import { noteReplaced, type Replacement } from "../../database/rows/replaced.ts";
import { readRows } from "../../database/rows/stored-row.ts";
import type { ModelName } from "../../model-name.ts";
import { dealOfProduct, sourceOf } from "../../source-id.ts";
import type { StreamName } from "../../stream-name.ts";
import type { Candidate, Decision, ExistingRows, PlacedRow } from "../decision.ts";

/** The source ids of the rows that go if a row of their deal is made, by deal. */
export type Replaceable = ReadonlyMap<number, readonly string[]>;

const revenueModels: readonly ModelName[] = ["license", "sale"];

/** Returns the deal of a candidate that is a deal or a product of one. */
export function dealOf({ sourceId, recordId }: Pick<Candidate, "sourceId" | "recordId">): number {
  return dealOfProduct(sourceId) ?? recordId;
}

/**
 * Reads the rows whose place others take, by deal: a deal with a row of its own replaces nothing, and a product always
 * takes the place of its deal's row.
 */
export async function readReplaceable(
  transaction: Transaction,
  candidates: readonly Candidate[],
  rows: ExistingRows,
  replaceable: Replaceable,
): Promise<Map<number, PlacedRow[]>> {
  const found = new Map<number, PlacedRow[]>();
  const dealOfRow = new Map<string, number>();
  for (const candidate of candidates) {
    const { sourceId } = candidate;
    const isDeal = dealOfProduct(sourceId) === undefined;
    if (isDeal && revenueModels.some((model) => rows.get(model)?.has(sourceId))) continue;
    const dealId = dealOf(candidate);
    for (const other of replaceable.get(dealId) ?? []) dealOfRow.set(other, dealId);
  }
  if (dealOfRow.size === 0) return found;
  for (const model of revenueModels) {
    for (const row of await readRows(transaction, model, [...dealOfRow.keys()])) {
      const dealId = dealOfRow.get(row.sourceId)!;
      found.set(dealId, [...(found.get(dealId) ?? []), { model, row }]);
    }
  }
  return found;
}

/** Returns the rows that decisions replace, each with the rows that take its place. */
export function replacements(decisions: readonly Decision[]): (Replacement & { decision: Decision })[] {
  const replacing = decisions.filter(({ replaces }) => replaces.length > 0);
  if (replacing.length === 0) return [];
  const deals = new Set(replacing.map(({ candidate }) => dealOf(candidate)));
  const made = new Map<number, { model: ModelName; sourceId: string }[]>();
  for (const { action, candidate } of decisions) {
    const dealId = dealOf(candidate);
    if (action.action === "refuse" || !deals.has(dealId)) continue;
    made.set(dealId, [...(made.get(dealId) ?? []), { model: action.model, sourceId: action.sourceId }]);
  }
  return replacing.flatMap((decision) => {
    const dealId = dealOf(decision.candidate);
    const by = made.get(dealId)!;
    return decision.replaces.map(({ model, row: { sourceId } }) => ({ dealId, model, sourceId, by, decision }));
  });
}

/** Forgets the links, kept states and holds of rows that were replaced, and records what took their place. */
export async function forgetReplaced(
  transaction: Transaction,
  replaced: readonly Replacement[],
  mayBeHeld: boolean,
): Promise<void> {
  if (replaced.length === 0) return;
  const ids = new Map<StreamName, number[]>();
  for (const { model, sourceId } of replaced) {
    const { stream, recordId } = sourceOf(model, sourceId);
    ids.set(stream, [...(ids.get(stream) ?? []), recordId]);
  }
  for (const [stream, recordIds] of ids) {
    await removeLinks(transaction, stream, recordIds);
    await releaseRows(transaction, stream, recordIds);
  }
  await noteReplaced(transaction, replaced);
  if (!mayBeHeld) return;
  const holds = await readHolds(
    transaction,
    revenueModels,
    replaced.map(({ sourceId }) => sourceId),
  );
  await endHolds(
    transaction,
    holds.map(({ id }) => id),
  );
}
