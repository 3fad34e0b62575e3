import type { Transaction } from "../../database/database.ts";
import { type LandedRecord, readLanded } from "../../database/landing/landing.ts";
import { productsOfDeals } from "../../database/landing/product-deals.ts";
import { keepRows, releaseRows } from "../../database/rows/kept.ts";
import { replaceRejections } from "../../database/tables/rejections.ts";
import type { CompiledMapping } from "../../mapping/compiled-mapping.ts";
import { receives } from "../../mapping/direction.ts";
import { sourceIdOf } from "../../source-id.ts";
import type { Candidate } from "../decision.ts";
import { type RecordGraph, reference } from "../land/record-graph.ts";
import { countSkipped, countsOf, type SkipReason } from "../summary.ts";
import type { ApplyContext } from "./apply-context.ts";
import { applyRows } from "./apply-rows.ts";
import { productCandidates } from "./candidates.ts";
import type { Replaceable } from "./replaced-rows.ts";
import type { Triggers } from "./triggers.ts";

/** The landed products of deals that sync. */
export interface DealProducts {
  /** The products that become rows. */
  living: LandedRecord[];
  /** The others, each with the reason. */
  left: { product: LandedRecord; reason: SkipReason }[];
}

/** Reads the products of deals that sync; none if no mapping file asks for them and none has a row. */
export async function readProducts(
  transaction: Transaction,
  { mapping, hasProductRows }: ApplyContext,
  dealIds: readonly number[],
  graph: RecordGraph,
): Promise<DealProducts> {
  const products: DealProducts = { living: [], left: [] };
  if (!receives(mapping.deal_products.direction) && hasProductRows !== true) return products;
  const ids = (await productsOfDeals(transaction, dealIds)).map(({ id }) => id);
  for (const product of await readLanded(transaction, "deal_products", ids, graph.unread.deal_products)) {
    const reason = productSkipReason(mapping, product);
    if (reason === undefined) products.living.push(product);
    else products.left.push({ product, reason });
  }
  return products;
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
 * Returns the rows of products that go when their deal becomes a row of its own: those that no product is made into
 * any more. A mapping that makes a deal a row whether or not it has products replaces none.
 */
export function replacedByDeals({ mapping }: ApplyContext, { left }: DealProducts): Replaceable {
  const rows = new Map<number, string[]>();
  if (!mapping.deals.asksForProducts && receives(mapping.deal_products.direction)) return rows;
  for (const { product } of left) {
    const dealId = reference(product.record, "deal_id") ?? 0;
    rows.set(dealId, [...(rows.get(dealId) ?? []), sourceIdOf("deal_products", product.id, product.record)]);
  }
  return rows;
}

/**
 * Maps and stores the products of deals. A deal that is no row itself loses its row to those of its products. Rows of
 * products that are gone or disabled, and of deals that are none and have no products, are kept and told.
 */
export async function applyProducts(
  transaction: Transaction,
  context: ApplyContext,
  { living, left }: DealProducts,
  { deals, triggers, graph }: { deals: readonly Candidate[]; triggers: Triggers; graph: RecordGraph },
): Promise<void> {
  const stream = context.mapping.deal_products;
  const mappedOf = new Map(deals.map(({ recordId, mapped }) => [recordId, mapped]));
  const isUndecided = (dealId: number) =>
    context.mapping.deals.asksForProducts && mappedOf.get(dealId)?.refused !== undefined;
  const landed = living.filter(({ record }) => !isUndecided(reference(record, "deal_id") ?? 0));
  const candidates = await productCandidates(transaction, { stream, landed, graph });
  for (const [index, candidate] of candidates.entries()) {
    const doubt = mappedOf.get(reference(landed[index]!.record, "deal_id") ?? 0)?.doubt;
    if (doubt !== undefined) candidate.mapped.doubt ??= doubt;
    candidate.because = () => triggers.of("deal_products", landed[index]!);
  }
  const none = deals.filter(({ mapped }) => mapped.none === true).map(({ recordId }) => recordId);
  const replaceable = new Map(none.map((id) => [id, [String(id)]]));
  await applyRows(transaction, context, stream, candidates, { replaceable });
  count(context, left);
  if (transaction.asIf !== undefined) return;
  const { runId, hasProductRows, noLinksBefore } = context;
  const leftIds = left.map(({ product }) => product.id);
  if (none.length > 0) await replaceRejections(transaction, { runId, stream: "deals" }, none, []);
  if (leftIds.length > 0) await replaceRejections(transaction, { runId, stream: "deal_products" }, leftIds, []);
  if (noLinksBefore === true) return;
  await keepRows(transaction, "deals", new Map(none.map((id) => [id, "no_row"])));
  if (hasProductRows !== true) return;
  await keepRows(transaction, "deal_products", new Map(left.map(({ product, reason }) => [product.id, reason])));
  await releaseRows(
    transaction,
    "deal_products",
    candidates.map(({ recordId }) => recordId),
  );
}

function count({ summary }: ApplyContext, left: DealProducts["left"]): void {
  for (const { reason } of left) countSkipped(countsOf(summary, "deal_products"), { [reason]: 1 });
}
