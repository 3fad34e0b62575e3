import type { Transaction } from "../../database/database.ts";
import { type LandedRecord, readLanded } from "../../database/landing/landing.ts";
import { productsOfDeals } from "../../database/landing/product-deals.ts";
import { type KeptRow, keepRows, readAsIfKept, readKeptRows } from "../../database/rows/kept.ts";
import { replaceRejections } from "../../database/tables/rejections.ts";
import { dealOfOwnItem, ownItem, ownItemSourceId, productSourceId } from "../../source-id.ts";
import { lostDay } from "../decide/lost-day.ts";
import type { SkipReason } from "../summary.ts";
import type { ApplyContext } from "./apply-context.ts";
import { endRows, type LeavingStream, type LeftRow } from "./end-rows.ts";

/**
 * Records that the rows of deals that no longer sync are kept, and why. With `when_lost: end` the licenses and line
 * items of a lost or deleted deal end on that day. A row that ended this way gets its previous end back when its deal
 * is neither any longer. A first run has no rows and does nothing here.
 */
export async function keepLeftOut(
  transaction: Transaction,
  context: ApplyContext,
  skipped: ReadonlyMap<number, SkipReason>,
): Promise<void> {
  if (context.noLinksBefore === true || skipped.size === 0) return;
  const left = [...skipped.keys()];
  if (transaction.asIf === undefined) await keepRows(transaction, "deals", skipped);
  else if (context.onLeftOut !== undefined) context.onLeftOut(await readAsIfKept(transaction, "deals", left), skipped);
  await endKept(
    transaction,
    context,
    "deals",
    left.map((dealId) => ({ id: dealId, dealId })),
  );
  if (context.hasProductRows !== true) return;
  const products = [
    ...(await productsOfDeals(transaction, left)),
    ...left.map((dealId) => ({ id: ownItem(dealId), dealId })),
  ];
  if (transaction.asIf === undefined) {
    const reasons = new Map(products.map(({ id, dealId }) => [id, skipped.get(dealId)!]));
    await keepRows(transaction, "deal_products", reasons);
    const ids = [...reasons.keys()];
    await replaceRejections(transaction, { runId: context.runId, stream: "deal_products" }, ids, []);
  }
  await endKept(transaction, context, "deal_products", products);
}

/** Ends the rows of lost deals, or of their products. */
async function endKept(
  transaction: Transaction,
  context: ApplyContext,
  stream: LeavingStream,
  left: readonly { id: number; dealId: number }[],
): Promise<void> {
  const isEnding = context.mapping.deals.whenLost === "end";
  const all = (
    await keptOf(
      transaction,
      stream,
      left.map(({ id }) => id),
    )
  ).filter(({ model }) => model === "license" || model === "lineitem");
  const kept = isEnding ? all : all.filter(({ ended }) => ended !== null);
  if (kept.length === 0) return;
  const dealOf = new Map(left.map(({ id, dealId }) => [id, dealId]));
  const dealIds = [...new Set(kept.map(({ recordId }) => dealOf.get(recordId)!))];
  const landed = await readLanded(transaction, "deals", dealIds, ["custom_fields"]);
  const deals = new Map(landed.map((deal) => [deal.id, deal]));
  const rows = kept.flatMap((one): LeftRow[] => {
    const dealId = dealOf.get(one.recordId)!;
    const deal = deals.get(dealId);
    if (deal === undefined) return [];
    const row = {
      kept: one,
      updateTime: deal.updateTime,
      ends: isEnding ? lostDay({ ...deal, since: one.since }) : undefined,
    };
    return [
      stream === "deals" ? { ...row, sourceId: String(dealId) } : { ...row, dealId, sourceId: sourceIdOf(one, dealId) },
    ];
  });
  await endRows(transaction, context, stream, rows);
}

/**
 * With `when_removed: end`, ends the rows of products that were removed from their deal, or disabled there. Their rows
 * are kept already.
 */
export async function endRemoved(
  transaction: Transaction,
  context: ApplyContext,
  removed: readonly { product: LandedRecord; dealId: number }[],
): Promise<void> {
  const isEnding = context.mapping.deals.whenRemoved === "end";
  const byId = new Map(removed.map((one) => [one.product.id, one]));
  const all = await keptOf(transaction, "deal_products", [...byId.keys()]);
  const kept = isEnding ? all : all.filter(({ ended }) => ended !== null);
  const rows = kept.map((one): LeftRow => {
    const { product, dealId } = byId.get(one.recordId)!;
    const ends = isEnding ? one.since.slice(0, 10) : undefined;
    return { kept: one, dealId, sourceId: sourceIdOf(one, dealId), updateTime: product.updateTime, ends };
  });
  await endRows(transaction, context, "deal_products", rows);
}

function keptOf(transaction: Transaction, stream: LeavingStream, ids: readonly number[]): Promise<KeptRow[]> {
  return transaction.asIf === undefined
    ? readKeptRows(transaction, stream, ids)
    : readAsIfKept(transaction, stream, ids);
}

function sourceIdOf({ model, recordId }: KeptRow, dealId: number): string {
  return dealOfOwnItem(recordId) === undefined ? productSourceId(model, dealId, recordId) : ownItemSourceId(dealId);
}
