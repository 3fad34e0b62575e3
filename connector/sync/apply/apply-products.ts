import type { Transaction } from "../../database/database.ts";
import { type LandedRecord, readLanded } from "../../database/landing/landing.ts";
import { productsOfDeals } from "../../database/landing/product-deals.ts";
import { keepRows } from "../../database/rows/kept.ts";
import { readLinkedRows, readLinks } from "../../database/rows/links.ts";
import type { RowName } from "../../database/rows/replaced.ts";
import { replaceRejections } from "../../database/tables/rejections.ts";
import type { CompiledMapping } from "../../mapping/compiled-mapping.ts";
import { receives } from "../../mapping/direction.ts";
import { otherKind, type RevenueKind } from "../../model-name.ts";
import { ownItem, ownItemSourceId, productSourceId } from "../../source-id.ts";
import type { Candidate } from "../decision.ts";
import { type RecordGraph, reference } from "../land/record-graph.ts";
import { countSkipped, countsOf, type SkipReason } from "../summary.ts";
import type { ApplyContext } from "./apply-context.ts";
import { applyRows } from "./apply-rows.ts";
import { ownItemCandidates, productCandidates } from "./candidates.ts";
import { takeUpAgain } from "./end-rows.ts";
import { endRemoved } from "./keep-left-out.ts";
import type { Replaceable } from "./replaced-rows.ts";
import type { Triggers } from "./triggers.ts";

/** The landed products of deals that sync. */
export interface ProductsToApply {
  /** The products that become rows. */
  living: LandedRecord[];
  /** The others, each with the reason. */
  left: { product: LandedRecord; reason: SkipReason }[];
  /** The deals that become line items themselves, because nothing else of them is one. */
  own: ReadonlySet<number>;
}

/**
 * Reads the products of deals that sync; none if no mapping file asks for them and none has a row. Decides which deals
 * become line items themselves: those without products, and without line items of removed ones, which are kept.
 */
export async function readProducts(
  transaction: Transaction,
  { mapping, hasProductRows }: ApplyContext,
  deals: readonly Candidate[],
  graph: RecordGraph,
): Promise<ProductsToApply> {
  const own = new Set(deals.flatMap(({ recordId, mapped }) => (mapped.lineItem === undefined ? [] : [recordId])));
  const products: ProductsToApply = { living: [], left: [], own };
  const isRead = receives(mapping.deal_products.direction);
  if (!isRead && hasProductRows !== true) return products;
  const noRow = new Set(deals.flatMap(({ recordId, mapped }) => (mapped.none === true ? [recordId] : [])));
  const ids = (
    await productsOfDeals(
      transaction,
      deals.map(({ recordId }) => recordId),
    )
  ).map(({ id }) => id);
  for (const product of await readLanded(transaction, "deal_products", ids, graph.unread.deal_products)) {
    if (product.lean === true && !product.deleted) continue;
    const isDealless = mapping.deals.kind === "deals" && noRow.has(dealIdOf(product));
    const reason = productSkipReason(mapping, product) ?? (isDealless ? "no_row" : undefined);
    if (reason === undefined) products.living.push(product);
    else products.left.push({ product, reason });
  }
  for (const product of products.living) own.delete(dealIdOf(product));
  if (!isRead || own.size === 0 || hasProductRows !== true) return products;
  const leftOf = new Map(products.left.map(({ product }) => [product.id, dealIdOf(product)]));
  for (const { recordId, model } of await readLinks(transaction, "deal_products", [...leftOf.keys()])) {
    if (model === "lineitem") own.delete(leftOf.get(recordId)!);
  }
  return products;
}

function dealIdOf({ record }: LandedRecord): number {
  return reference(record, "deal_id") ?? 0;
}

/** Returns why a product of a deal that syncs becomes no row; undefined if it does. */
export function productSkipReason(
  { deal_products: { direction } }: Pick<CompiledMapping, "deal_products">,
  { record, deleted }: Pick<LandedRecord, "record" | "deleted">,
): SkipReason | undefined {
  if (!receives(direction)) return "direction_none";
  if (deleted) return "deleted";
  return record["is_enabled"] === false ? "not_enabled" : undefined;
}

/**
 * Returns the rows that go when their deal becomes a row: licenses and sales of products that no product is made into
 * any more, if the mapping makes of a deal one row or one for each product; and all rows of the other kind, unless line
 * items follow, which take their place.
 */
export function replacedByDeals(
  context: ApplyContext,
  deals: readonly Candidate[],
  products: ProductsToApply,
): Replaceable {
  const { mapping } = context;
  const rows = new Map<number, RowName[]>();
  const add = (dealId: number, more: readonly RowName[]) => rows.set(dealId, [...(rows.get(dealId) ?? []), ...more]);
  const isOneOrEach = mapping.deals.asksForProducts || !receives(mapping.deal_products.direction);
  if (mapping.deals.kind === "licenses" && isOneOrEach) {
    for (const { product } of products.left) add(dealIdOf(product), rowsOfProduct("licenses", product));
  }
  const living = new Set(products.living.map(dealIdOf));
  const ready = deals.filter(({ recordId }) => !living.has(recordId) && !products.own.has(recordId));
  for (const [dealId, more] of rowsOfOtherKind(context, ready, products)) add(dealId, more);
  return rows;
}

/** Returns the rows of the other kind of revenue models that deals and their products may have, by deal. */
function rowsOfOtherKind(
  { mapping: { deals: mapping }, rowsOfKind }: ApplyContext,
  deals: readonly Candidate[],
  { living, left }: ProductsToApply,
): Map<number, RowName[]> {
  const rows = new Map<number, RowName[]>();
  if (mapping.kind === undefined || rowsOfKind?.[otherKind(mapping.kind)] !== true) return rows;
  const other = otherKind(mapping.kind);
  for (const { recordId } of deals) rows.set(recordId, rowsOfDeal(other, recordId));
  for (const product of [...living, ...left.map((one) => one.product)]) {
    rows.get(dealIdOf(product))?.push(...rowsOfProduct(other, product));
  }
  return rows;
}

function rowsOfDeal(kind: RevenueKind, dealId: number): RowName[] {
  return kind === "licenses"
    ? (["license", "sale"] as const).map((model) => ({ model, sourceId: String(dealId) }))
    : [
        { model: "lineitem", sourceId: ownItemSourceId(dealId) },
        { model: "deal", sourceId: String(dealId) },
      ];
}

function rowsOfProduct(kind: RevenueKind, product: LandedRecord): RowName[] {
  const models = kind === "licenses" ? (["license", "sale"] as const) : (["lineitem"] as const);
  return models.map((model) => ({ model, sourceId: productSourceId(model, dealIdOf(product), product.id) }));
}

/**
 * Returns the rows that go when their deal's products, or the deal itself, become rows of products: the license or sale
 * of a deal that is none any more, its own line item, or those of products that are read no longer; and all rows of the
 * other kind.
 */
function replacedByProducts(
  context: ApplyContext,
  deals: readonly Candidate[],
  products: ProductsToApply & { moved: Replaceable },
): Replaceable {
  const { mapping } = context;
  const rows: Map<number, readonly RowName[]> = rowsOfOtherKind(context, deals, products);
  const add = (dealId: number, more: readonly RowName[]) => rows.set(dealId, [...(rows.get(dealId) ?? []), ...more]);
  for (const [dealId, more] of products.moved) add(dealId, more);
  if (mapping.deals.kind !== "deals") {
    for (const { recordId, mapped } of deals) if (mapped.none === true) add(recordId, rowsOfDeal("licenses", recordId));
    return rows;
  }
  for (const dealId of new Set(products.living.map(dealIdOf))) {
    add(dealId, [{ model: "lineitem", sourceId: ownItemSourceId(dealId) }]);
  }
  for (const { product } of products.left) {
    if (products.own.has(dealIdOf(product))) add(dealIdOf(product), rowsOfProduct("deals", product));
  }
  return rows;
}

/**
 * Returns the rows of products that were moved to another deal, by that deal: a license or sale is named by its deal
 * and its product, so that a moved product gets another row. A line item is named by its product alone, and stays.
 */
async function readMoved(
  transaction: Transaction,
  { mapping, hasProductRows }: ApplyContext,
  living: readonly LandedRecord[],
): Promise<Replaceable> {
  const moved = new Map<number, (RowName & { of: number })[]>();
  if (mapping.deals.kind !== "licenses" || hasProductRows !== true || living.length === 0) return moved;
  const dealOfProduct = new Map(living.map((product) => [product.id, dealIdOf(product)]));
  for (const { recordId, model, sourceId } of await readLinkedRows(transaction, [...dealOfProduct.keys()])) {
    const dealId = dealOfProduct.get(recordId)!;
    if (sourceId === productSourceId(model, dealId, recordId)) continue;
    moved.set(dealId, [...(moved.get(dealId) ?? []), { model, sourceId, of: recordId }]);
  }
  return moved;
}

/**
 * Maps and stores the products of deals, and the line items that are made of deals. A deal that is no row itself loses
 * its row to those of its products. Rows of products that are gone or disabled, and of deals that are none and have no
 * products, are kept and told.
 */
export async function applyProducts(
  transaction: Transaction,
  context: ApplyContext,
  products: ProductsToApply,
  { deals, triggers, graph }: { deals: readonly Candidate[]; triggers: Triggers; graph: RecordGraph },
): Promise<void> {
  const { living, left, own } = products;
  const stream = context.mapping.deal_products;
  const mappedOf = new Map(deals.map(({ recordId, mapped }) => [recordId, mapped]));
  const isUndecided = (dealId: number) =>
    context.mapping.deals.asksForProducts && mappedOf.get(dealId)?.refused !== undefined;
  const landed = living.filter((product) => !isUndecided(dealIdOf(product)));
  const candidates = await productCandidates(transaction, { stream, landed, graph });
  for (const [index, candidate] of candidates.entries()) {
    const doubt = mappedOf.get(dealIdOf(landed[index]!))?.doubt;
    if (doubt !== undefined) candidate.mapped.doubt ??= doubt;
    candidate.because = () => triggers.of("deal_products", landed[index]!);
  }
  const ofDeals = await ownItemCandidates(
    transaction,
    deals.filter(({ recordId }) => own.has(recordId)),
  );
  const all = [...candidates, ...ofDeals];
  if (context.hasProductRows === true) await takeUpAgain(transaction, context, "deal_products", all);
  const moved = await readMoved(transaction, context, living);
  const replaceable = replacedByProducts(context, deals, { ...products, moved });
  await applyRows(transaction, context, { stream, candidates: all, replaceable });
  count(context, left);
  const none = deals.filter(({ mapped }) => mapped.none === true).map(({ recordId }) => recordId);
  if (transaction.asIf === undefined) await keepLeft(transaction, context, { none, left });
  if (context.noLinksBefore === true || context.hasProductRows !== true) return;
  const removed = left.filter(({ reason }) => reason === "deleted" || reason === "not_enabled");
  await endRemoved(
    transaction,
    context,
    removed.map(({ product }) => ({ product, dealId: dealIdOf(product) })),
  );
}

/** Records which rows are kept: those of products that are left out, and of deals that are none. */
async function keepLeft(
  transaction: Transaction,
  { runId, hasProductRows, noLinksBefore }: ApplyContext,
  { none, left }: Pick<ProductsToApply, "left"> & { none: readonly number[] },
): Promise<void> {
  const leftIds = left.map(({ product }) => product.id);
  if (none.length > 0) await replaceRejections(transaction, { runId, stream: "deals" }, none, []);
  if (leftIds.length > 0) await replaceRejections(transaction, { runId, stream: "deal_products" }, leftIds, []);
  if (noLinksBefore === true) return;
  await keepRows(transaction, "deals", new Map(none.map((id) => [id, "no_row"])));
  if (hasProductRows !== true) return;
  const reasons = new Map<number, string>(left.map(({ product, reason }) => [product.id, reason]));
  for (const id of none) reasons.set(ownItem(id), "no_row");
  await keepRows(transaction, "deal_products", reasons);
}

function count({ summary }: ApplyContext, left: ProductsToApply["left"]): void {
  for (const { reason } of left) countSkipped(countsOf(summary, "deal_products"), { [reason]: 1 });
}
