import type { Transaction } from "../../database/database.ts";
import { landRecords } from "../../database/landing/landing.ts";
import { markProductsGone } from "../../database/landing/product-deals.ts";
import { clearLandingRejections, rejectUnlanded, replaceRejections } from "../../database/tables/rejections.ts";
import type { RecordGroup } from "../../pipedrive/lists/read-of-organization.ts";

/** The changes made by landing the products of some deals. */
export interface LandedProducts {
  /** The deals of products that are new, changed or gone. */
  deals: number[];
  /** The number of products that were removed. */
  gone: number;
}

/**
 * Lands the products of deals. Products missing from the answer for the `answered` deals are marked as deleted, because
 * no list reports a removed product. Rows are not touched.
 */
export async function landProducts(
  transaction: Transaction,
  runId: string,
  { records, rejected }: RecordGroup,
  answered: readonly number[],
): Promise<LandedProducts> {
  const extractedAt = new Date().toISOString();
  const changes = await landRecords(transaction, "deal_products", records, { extractedAt, completes: true });
  const changed = new Set(changes.flatMap(({ id, change }) => (change === "unchanged" ? [] : [id])));
  if (rejected.length > 0) await rejectUnlanded(transaction, runId, "deal_products", rejected);
  await clearLandingRejections(
    transaction,
    "deal_products",
    records.map(({ id }) => id),
  );
  const deals = new Set<number>();
  for (const { id, record } of records) {
    if (changed.has(id) && typeof record["deal_id"] === "number") deals.add(record["deal_id"]);
  }
  if (answered.length === 0) return { deals: [...deals], gone: 0 };
  const present = [...records, ...rejected].flatMap(({ id }) => id ?? []);
  const gone = await markProductsGone(transaction, answered, present);
  if (gone.products.length > 0)
    await replaceRejections(transaction, { runId, stream: "deal_products" }, gone.products, []);
  for (const id of gone.deals) deals.add(id);
  return { deals: [...deals], gone: gone.products.length };
}
