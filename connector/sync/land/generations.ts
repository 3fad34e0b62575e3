import type { Database, Transaction } from "../../database/database.ts";
import { hasGeneration, markOtherGenerations } from "../../database/landing/generations.ts";
import { addLandedDeals } from "../../database/landing/pending.ts";
import { dealsOfProducts } from "../../database/landing/product-deals.ts";
import { readCatalogEntry, saveCatalogEntry } from "../../database/tables/catalog.ts";
import type { WholeGeneration } from "../../protocol/input-batch.ts";
import type { StreamName } from "../../stream-name.ts";

/**
 * Returns a generation id per stream for an input that brings none. An unfinished attempt keeps its id: a resuming
 * source does not resend what it has sent.
 */
export async function unnumberedGenerations(
  database: Database,
  streams: readonly StreamName[],
): Promise<Map<StreamName, number>> {
  const generations = new Map<StreamName, number>();
  for (const stream of streams) {
    const unfinished = await readCatalogEntry(database, keyOf(stream));
    const generation = typeof unfinished === "number" ? unfinished : Date.now();
    if (unfinished !== generation) await saveCatalogEntry(database, keyOf(stream), generation);
    generations.set(stream, generation);
  }
  return generations;
}

/**
 * Completes a generation: marks landed records that did not arrive in it as deleted. An empty generation replaces
 * nothing unless the source numbered it: a source that sends nothing may have failed, or have sent everything before.
 */
export async function replaceOlder(
  transaction: Transaction,
  { stream, generation, evenIfEmpty }: WholeGeneration,
): Promise<void> {
  if ((await readCatalogEntry(transaction, keyOf(stream))) === generation) {
    await saveCatalogEntry(transaction, keyOf(stream), null);
  }
  if (!evenIfEmpty && !(await hasGeneration(transaction, stream, generation))) return;
  const marked = await markOtherGenerations(transaction, stream, generation);
  if (stream === "deals") await addLandedDeals(transaction, marked);
  if (stream === "deal_products") await addLandedDeals(transaction, await dealsOfProducts(transaction, marked));
}

function keyOf(stream: StreamName): string {
  return `unfinished generation of ${stream}`;
}
