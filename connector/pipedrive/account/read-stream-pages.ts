import { oneAhead } from "../../concurrency.ts";
import type { StreamName } from "../../stream-name.ts";
import type { Client } from "../client/client.ts";
import { idsAtOnce } from "../lists/read-by-ids.ts";
import type { RecordGroup } from "../lists/read-of-organization.ts";
import { type Page, type ReadOptions, readPages } from "../lists/read-pages.ts";
import { readProductsOf } from "../lists/read-products.ts";
import type { SourceRecord } from "../records/decode.ts";
import { askingFor } from "./asking-for.ts";

/**
 * Reads the products of deals for those who keep no deals: walks the lists of deals from where the state says, and asks
 * for the products of those that have any (`products_count`), a hundred at once. The state is that of the deals, and
 * moves when the products of a page of them have come. A deal that is deleted has none.
 */
export async function* readProductPages(client: Client, options: ReadOptions = {}): AsyncGenerator<Page, void> {
  const asking = askingFor(client, { deals: ["products_count"] });
  for await (const page of oneAhead(readPages(asking, "deals", options))) {
    const ids = page.records.flatMap((deal) => (mayHaveProducts(deal) ? [deal.id] : []));
    const group: RecordGroup = { stream: "deal_products", records: [], rejected: [] };
    for (let start = 0; start < ids.length; start += idsAtOnce) {
      const found = await readProductsOf(client, ids.slice(start, start + idsAtOnce));
      group.records.push(...found.group.records);
      group.rejected.push(...found.group.rejected);
    }
    yield { ...page, ...group };
  }
}

function mayHaveProducts({ record, deleted }: SourceRecord): boolean {
  const count = record["products_count"];
  return !deleted && (typeof count !== "number" || count > 0);
}

/** Reads the changed records of a stream, page by page, from its own lists or those of the deals they belong to. */
export function readStreamPages(
  client: Client,
  stream: StreamName,
  options: ReadOptions = {},
): AsyncGenerator<Page, void> {
  return stream === "deal_products" ? readProductPages(client, options) : readPages(client, stream, options);
}
