import { inTurn } from "../../concurrency.ts";
import { dealsOfOrganizations } from "../../database/landing/association.ts";
import { readLanded } from "../../database/landing/landing.ts";
import { addLandedDeals } from "../../database/landing/pending.ts";
import { dealsToAsk, hasAsked, markAsked } from "../../database/landing/product-deals.ts";
import { commitRun } from "../../database/tables/fence.ts";
import { receives } from "../../mapping/direction.ts";
import type { Client } from "../../pipedrive/client/client.ts";
import { idsAtOnce } from "../../pipedrive/lists/read-by-ids.ts";
import type { RecordGroup } from "../../pipedrive/lists/read-of-organization.ts";
import { type ProductsOfDeals, readProductsOf } from "../../pipedrive/lists/read-products.ts";
import { selectDeals } from "../apply/select-deals.ts";
import { landProducts } from "../land/land-products.ts";
import { emptyGraph } from "../land/record-graph.ts";
import { recordUsage } from "../record-usage.ts";
import type { Run, RunRequest, SyncRequest } from "../run-context.ts";
import { readProgress, saveProgress } from "../stream-progress.ts";
import { countRead, countsOf } from "../summary.ts";
import { bringingDeals } from "./bringing-deals.ts";

/** Requests under way together: Pipedrive prepares the next answer while Postgres stores the last ones. */
const askedTogether = 3;
/** Requests whose answers are landed together: a transaction for each would take as long as the answers themselves. */
const landedTogether = 5;

/**
 * Reads the products of the deals that are eligible and have changed since they were last asked for them, a hundred a
 * request; after Fetch All began, or in a walk through whole lists, of every eligible deal. Nothing is asked where no
 * mapping file does, or where no deal has changed. Returns the deals that were asked.
 */
export async function extractProducts(run: Run): Promise<ReadonlySet<number>> {
  const { database, client, signal, onProgress } = run.request;
  const asked = new Set<number>();
  if (!asksForProducts(run)) return asked;
  const { sweeping, fetchingAll } = await readProgress(database, "deal_products");
  const mayBeGone = sweeping || (await hasAsked(database));
  const counts = countsOf(run.summary, "deal_products");
  await inTurn(together(hundreds(dealsInQuestion(run, sweeping))), askedTogether, async (some) => {
    const { group, answered } = await readInTurn(client, some, signal);
    for (const id of some.flat()) asked.add(id);
    await commitRun(database, run.id, async (transaction) => {
      const landed = await landProducts(transaction, run.id, group, mayBeGone ? answered : []);
      // Deals that were asked because they changed are pending already.
      if (sweeping) await addLandedDeals(transaction, landed.deals);
      await markAsked(transaction, answered);
      await recordUsage(transaction, run);
      run.rejections += group.rejected.length;
      if (landed.gone > 0) counts.deleted = (counts.deleted ?? 0) + landed.gone;
    });
    countRead(counts, group);
    onProgress?.({ stage: "read", stream: "deal_products", records: counts.read });
  });
  if (!sweeping && !fetchingAll) return asked;
  await commitRun(database, run.id, async (transaction) => {
    await saveProgress(transaction, "deal_products", {
      ...{ position: undefined, fetchingAll: false, asked: [], sweeping: false },
    });
  });
  return asked;
}

/** Reads the products of some hundreds of deals, one request after the other. */
async function readInTurn(client: Client, some: readonly number[][], signal: AbortSignal): Promise<ProductsOfDeals> {
  const group: RecordGroup = { stream: "deal_products", records: [], rejected: [] };
  const all: ProductsOfDeals = { group, answered: [] };
  for (const dealIds of some) {
    const one = await readProductsOf(client, dealIds);
    signal.throwIfAborted();
    group.records.push(...one.group.records);
    group.rejected.push(...one.group.rejected);
    all.answered.push(...one.answered);
  }
  return all;
}

/** Reads the products of the eligible deals of some organizations anew, whether or not these changed. */
export async function extractProductsOf(run: Run, organizations: readonly number[]): Promise<void> {
  if (!asksForProducts(run)) return;
  await readAnew(run, await dealsOfOrganizations(run.request.database, organizations));
}

/** A run that may ask Pipedrive. */
type AskingRun = Run<RunRequest & Pick<SyncRequest, "client">>;

/** Reads the products of deals anew of which an event told; those of the deals that are eligible. */
export async function extractToldProducts(run: AskingRun, dealIds: readonly number[]): Promise<void> {
  if (dealIds.length > 0 && asksForProducts(run)) await readAnew(run, dealIds);
}

async function readAnew(run: AskingRun, dealIds: readonly number[]): Promise<void> {
  const { database, client, mapping, signal } = run.request;
  const landed = await readLanded(database, "deals", dealIds);
  const { eligible } = await selectDeals(database, mapping.deals, landed, emptyGraph(mapping));
  for (let start = 0; start < eligible.length; start += idsAtOnce) {
    const ids = eligible.slice(start, start + idsAtOnce).map(({ id }) => id);
    const { group, answered } = await readProductsOf(client, ids);
    signal.throwIfAborted();
    await commitRun(database, run.id, async (transaction) => {
      const { deals } = await landProducts(transaction, run.id, group, answered);
      await addLandedDeals(transaction, deals);
      await markAsked(transaction, answered);
      await recordUsage(transaction, run);
    });
    run.rejections += group.rejected.length;
    countRead(countsOf(run.summary, "deal_products"), group);
  }
}

function asksForProducts({ request: { mapping } }: Run<RunRequest>): boolean {
  return receives(mapping.deal_products.direction) && mapping.deals.direction !== "none";
}

async function* dealsInQuestion({ request }: Run<RunRequest>, all: boolean): AsyncGenerator<number[], void> {
  for await (const { ids } of bringingDeals(request, all)) yield await dealsToAsk(request.database, ids);
}

/** Yields some groups at a time. */
async function* together(groups: AsyncGenerator<number[], void>): AsyncGenerator<number[][], void> {
  let some: number[][] = [];
  for await (const group of groups) {
    some.push(group);
    if (some.length < landedTogether) continue;
    yield some;
    some = [];
  }
  if (some.length > 0) yield some;
}

/** Yields each id once, in groups of a hundred. */
async function* hundreds(groups: AsyncGenerator<number[], void>): AsyncGenerator<number[], void> {
  const seen = new Set<number>();
  let rest: number[] = [];
  for await (const ids of groups) {
    for (const id of ids) {
      if (seen.has(id)) continue;
      seen.add(id);
      rest.push(id);
    }
    for (; rest.length >= idsAtOnce; rest = rest.slice(idsAtOnce)) yield rest.slice(0, idsAtOnce);
  }
  if (rest.length > 0) yield rest;
}
