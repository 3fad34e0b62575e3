import type { Client } from "../client/client.ts";
import { isNotPermitted, isOwnRefusal } from "../client/refusal.ts";
import { productList } from "../records/streams.ts";
import type { RecordGroup } from "./read-of-organization.ts";
import { walkList } from "./read-pages.ts";

/** The products of some deals. */
export interface ProductsOfDeals {
  group: RecordGroup;
  /** The deals that were answered: what they have, and what they have not, is known. */
  answered: number[];
}

/**
 * Reads the products of up to a hundred deals: one request, more where they have more than 500 (API v2,
 * `GET /api/v2/deals/products`). Where one of the deals is gone or hidden and the request is refused for it, the others
 * are asked for apart. Throws the refusal where no deal is answered.
 */
export async function readProductsOf(client: Client, dealIds: readonly number[]): Promise<ProductsOfDeals> {
  const refusals: unknown[] = [];
  const found = await readHalves(client, dealIds, refusals);
  if (found.answered.length === 0 && refusals.length > 0 && dealIds.length > 1) throw refusals[0];
  return found;
}

async function readHalves(client: Client, dealIds: readonly number[], refusals: unknown[]): Promise<ProductsOfDeals> {
  const group: RecordGroup = { stream: "deal_products", records: [], rejected: [] };
  if (dealIds.length === 0) return { group, answered: [] };
  try {
    const query = { deal_ids: dealIds.join(",") };
    for await (const page of walkList({ client, stream: "deal_products", list: productList, query })) {
      group.records.push(...page.records);
      group.rejected.push(...page.rejected);
    }
    return { group, answered: [...dealIds] };
  } catch (error) {
    if (!isOfOneDeal(error)) throw error;
    refusals.push(error);
    if (dealIds.length === 1) return { group, answered: [] };
    // Nothing is answered at all: then it is not for one of them.
    if (refusals.length > mostRefusals) throw error;
  }
  const half = Math.ceil(dealIds.length / 2);
  const first = await readHalves(client, dealIds.slice(0, half), refusals);
  const second = await readHalves(client, dealIds.slice(half), refusals);
  group.records.push(...first.group.records, ...second.group.records);
  group.rejected.push(...first.group.rejected, ...second.group.rejected);
  return { group, answered: [...first.answered, ...second.answered] };
}

/** Refused requests after which a hundred deals are given up; isolating one deal that is gone costs seven. */
const mostRefusals = 40;

function isOfOneDeal(error: unknown): boolean {
  return isNotPermitted(error) || (isOwnRefusal(error) && error.status === 404);
}
