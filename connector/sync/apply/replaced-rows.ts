import type { Transaction } from "../../database/database.ts";
import { endHolds, readHolds } from "../../database/history/holds.ts";
import { releaseRows } from "../../database/rows/kept.ts";
import { removeLinks } from "../../database/rows/links.ts";
import { noteReplaced, type Replacement, type RowName } from "../../database/rows/replaced.ts";
import { readRows } from "../../database/rows/stored-row.ts";
import { type ModelName, revenueKindOf } from "../../model-name.ts";
import { sourceOf } from "../../source-id.ts";
import type { Candidate, Decision, ExistingRows, PlacedRow } from "../decision.ts";

/** The rows that go if a row of their deal is made, by deal; with `of` if a row of that record is made. */
export type Replaceable = ReadonlyMap<number, readonly (RowName & Pick<PlacedRow, "of">)[]>;

/** Returns the deal of a candidate that is a deal or a product of one. */
export function dealOf({ dealId, recordId }: Pick<Candidate, "dealId" | "recordId">): number {
  return dealId ?? recordId;
}

/**
 * Reads the rows whose place others take, by deal. A license or sale of a deal that is there already replaces none of
 * its kind, and a product always takes the place of its deal's row.
 */
export async function readReplaceable(
  transaction: Transaction,
  candidates: readonly Candidate[],
  rows: ExistingRows,
  replaceable: Replaceable,
): Promise<Map<number, PlacedRow[]>> {
  const wanted = new Map<ModelName, Map<string, { dealId: number } & Pick<PlacedRow, "of">>>();
  for (const candidate of candidates) {
    const { sourceId, mapped } = candidate;
    const isThere = candidate.dealId === undefined && [...rows.values()].some((byId) => byId.has(sourceId));
    const dealId = dealOf(candidate);
    for (const other of replaceable.get(dealId) ?? []) {
      if (isThere && revenueKindOf(other.model) === revenueKindOf(mapped.model)) continue;
      const { model, sourceId: otherId, ...place } = other;
      const ofModel = wanted.get(model) ?? new Map<string, { dealId: number }>();
      wanted.set(model, ofModel.set(otherId, { dealId, ...place }));
    }
  }
  const found = new Map<number, PlacedRow[]>();
  for (const [model, dealOfRow] of wanted) {
    for (const row of await readRows(transaction, model, [...dealOfRow.keys()])) {
      const { dealId, ...place } = dealOfRow.get(row.sourceId)!;
      found.set(dealId, [...(found.get(dealId) ?? []), { model, row, ...place }]);
    }
  }
  return found;
}

/** Returns, of the rows that go with a deal, those whose place a candidate may take. */
export function replaceableBy(
  { recordId }: Pick<Candidate, "recordId">,
  rows: readonly PlacedRow[] | undefined,
): PlacedRow[] | undefined {
  return rows?.filter(({ of }) => of === undefined || of === recordId);
}

/** Returns the rows that decisions replace, each with the rows that take its place, and the deal of line items. */
export function replacements(decisions: readonly Decision[]): (Replacement & { decision: Decision })[] {
  const replacing = decisions.filter(({ replaces }) => replaces.length > 0);
  if (replacing.length === 0) return [];
  const deals = new Set(replacing.map(({ candidate }) => dealOf(candidate)));
  const made = new Map<number, RowName[]>();
  for (const { action, candidate } of decisions) {
    const dealId = dealOf(candidate);
    if (action.action === "refuse" || !deals.has(dealId)) continue;
    const first: RowName[] = action.model === "lineitem" ? [{ model: "deal", sourceId: String(dealId) }] : [];
    made.set(dealId, [...(made.get(dealId) ?? first), { model: action.model, sourceId: action.sourceId }]);
  }
  return replacing.flatMap((decision) => {
    const dealId = dealOf(decision.candidate);
    const all = made.get(dealId)!;
    return decision.replaces.map(({ model, row: { sourceId } }) => {
      const isOfOtherKind = revenueKindOf(model) !== revenueKindOf(decision.action.model);
      // Among rows of one kind the deal stays what it is, and a product that was moved takes its own place alone.
      const alike = isOfOtherKind ? all : all.filter((one) => one.model !== "deal");
      const own = isOfOtherKind ? undefined : alike.find((one) => isSameRecord(one, { model, sourceId }));
      const by = own === undefined ? alike : [own];
      return { dealId, model, sourceId, by, decision };
    });
  });
}

/** Returns what the deal of a replaced row has instead. */
export function insteadOf({ model, by }: Pick<Replacement, "model" | "by">): ModelName | "deal_row" | "deal_products" {
  const [first] = by;
  if (first !== undefined && revenueKindOf(first.model) !== revenueKindOf(model)) return first.model;
  return by.every((row) => isOfProduct(row)) ? "deal_products" : "deal_row";
}

function isSameRecord(one: RowName, other: RowName): boolean {
  const [first, second] = [sourceOf(one.model, one.sourceId), sourceOf(other.model, other.sourceId)];
  return first.stream === second.stream && first.recordId === second.recordId;
}

function isOfProduct({ model, sourceId }: RowName): boolean {
  const { stream, recordId } = sourceOf(model, sourceId);
  return stream === "deal_products" && recordId > 0;
}

/** Forgets the links, kept states and holds of rows that were replaced, and records what took their place. */
export async function forgetReplaced(
  transaction: Transaction,
  replaced: readonly Replacement[],
  mayBeHeld: boolean,
): Promise<void> {
  if (replaced.length === 0) return;
  for (const model of new Set(replaced.map((one) => one.model))) {
    const ofModel = replaced.filter((one) => one.model === model);
    const sourceIds = ofModel.map(({ sourceId }) => sourceId);
    // The link of a product that was moved leads to its new row already.
    const unlinked = ofModel.filter(
      ({ by, ...row }) => !by.some((one) => one.model === model && isSameRecord(one, row)),
    );
    const sources = unlinked.map(({ sourceId }) => sourceOf(model, sourceId));
    for (const stream of new Set(sources.map((source) => source.stream))) {
      const recordIds = sources.flatMap((source) => (source.stream === stream ? [source.recordId] : []));
      await removeLinks(transaction, stream, recordIds, model);
      await releaseRows(transaction, stream, recordIds, model);
    }
    if (!mayBeHeld) continue;
    const holds = await readHolds(transaction, [model], sourceIds);
    await endHolds(
      transaction,
      holds.map(({ id }) => id),
    );
  }
  await noteReplaced(transaction, replaced);
}
