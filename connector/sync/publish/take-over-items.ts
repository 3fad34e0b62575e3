import { dealsOfItems, revenueRowsAmong } from "../../database/rows/deal-stages.ts";
import { type PlanhatId, takeOverItems } from "../../database/rows/planhat-ids.ts";
import { readCatalogEntries, saveCatalogEntry } from "../../database/tables/catalog.ts";
import { commitRun } from "../../database/tables/fence.ts";
import type { JsonObject } from "../../mapping/value.ts";
import { listAll } from "../../planhat/lists.ts";
import { modelPaths } from "../../planhat/model-paths.ts";
import { nameIn } from "../../property-names.ts";
import { dealOfProduct, ownItemSourceId, sourceOf } from "../../source-id.ts";
import { parentKey } from "../decide/planhat-object.ts";
import type { UnknownObject } from "../planned.ts";
import type { Publication } from "./publication.ts";

/** The catalog's keys for the tenant whose deals and line items were looked through, and for ids of others there. */
const surveyedKey = "planhat_revenue_surveyed";
const foreignKey = "planhat_foreign_items";

/** A line item of the tenant, and the source id of its deal. */
interface TenantItem {
  planhatId: string;
  sourceId: string | undefined;
  name: string | undefined;
  deal: string | undefined;
}

/**
 * Looks once through the deals and line items of a tenant, before the first of them is published. Deals are taken over
 * by their source id, like everything. A line item may still have the source id that its license had before the tenant
 * was migrated: the deal's id, or `<deal id>-<product id>`. It is taken over as the line item of that deal or product.
 * An id that means another deal here is never overwritten. A plan names what nothing here becomes.
 */
export async function takeOverMigrated(publication: Publication): Promise<void> {
  const { run, rehearsed, planhat } = publication;
  const { database } = run.request;
  const tenant = run.tenant!.id;
  const known = await readCatalogEntries(database, [surveyedKey, foreignKey]);
  const foreign = known.get(foreignKey) as Record<string, string> | undefined;
  for (const [sourceId, planhatId] of Object.entries(foreign ?? {})) publication.foreign.set(sourceId, planhatId);
  if (known.get(surveyedKey) === tenant) return;
  const deals = await readDeals(publication);
  const items = await readItems(publication, deals);
  const taken: PlanhatId[] = [];
  const others: TenantItem[] = [];
  const rows = await ownRows(publication, items);
  for (const item of items) {
    const own = ownRowOf(item, rows);
    if (own === undefined) others.push(item);
    else if (own !== item.sourceId) taken.push({ sourceId: own, planhatId: item.planhatId });
  }
  publication.foreign.clear();
  for (const { sourceId, planhatId } of others) {
    if (sourceId !== undefined && rows.has(sourceId)) publication.foreign.set(sourceId, planhatId);
  }
  await commitRun(database, run.id, async (transaction) => {
    await takeOverItems(transaction, taken);
    await saveCatalogEntry(transaction, surveyedKey, tenant);
    await saveCatalogEntry(transaction, foreignKey, Object.fromEntries(publication.foreign));
  });
  if (taken.length > 0) {
    run.request.onWarning?.(
      `Planhat (${planhat.client.host}) has ${taken.length === 1 ? "a line item" : `${taken.length} line items`} under the source ids of licenses: each is taken over as the line item of its deal or product.`,
    );
  }
  rehearsed?.tellUnknown([
    ...(await unknownDeals(publication, deals)),
    ...others.map(({ planhatId, sourceId, name }): UnknownObject => {
      return { model: "lineitem", planhat_id: planhatId, source_id: sourceId ?? null, name: name ?? null };
    }),
  ]);
}

/** Returns why a row of line items must not be sent; undefined if it may. */
export function foreignReason({ foreign }: Publication, sourceId: string): string | undefined {
  const planhatId = foreign.get(sourceId);
  return planhatId === undefined
    ? undefined
    : `Planhat has a line item of another deal under its source id ${sourceId} (${planhatId}): change that one's sourceId there, then run sync --full`;
}

type TenantDeals = ReadonlyMap<string, { sourceId: string | undefined; name: string | undefined }>;

async function readDeals({ planhat: { client }, run }: Publication): Promise<TenantDeals> {
  const { path, things, largestPage } = modelPaths.deal;
  const deals = new Map<string, { sourceId: string | undefined; name: string | undefined }>();
  const query = { limit: largestPage, select: "_id,sourceId,name", sort: "_id" };
  for await (const page of listAll(client, path, query, things)) {
    run.request.signal.throwIfAborted();
    for (const one of page) deals.set(String(one["_id"]), { sourceId: text(one, "sourceId"), name: text(one, "name") });
  }
  return deals;
}

async function readItems({ planhat: { client }, run }: Publication, deals: TenantDeals): Promise<TenantItem[]> {
  const { path, things, largestPage } = modelPaths.lineitem;
  const items: TenantItem[] = [];
  const [parent, name] = [parentKey("lineitem", client.names), nameIn(client.names, "lineitem", "name")];
  const query = { limit: largestPage, select: `_id,sourceId,${name},${parent}`, sort: "_id" };
  for await (const page of listAll(client, path, query, things)) {
    run.request.signal.throwIfAborted();
    for (const one of page) {
      const deal = deals.get(text(one, parent) ?? "")?.sourceId;
      items.push({ planhatId: String(one["_id"]), sourceId: text(one, "sourceId"), name: text(one, name), deal });
    }
  }
  return items;
}

function text(object: JsonObject, key: string): string | undefined {
  const value = object[key];
  return typeof value === "string" ? value : undefined;
}

/** Reads the rows that a tenant's line items may be, with the source id of their deal. */
async function ownRows({ run }: Publication, items: readonly TenantItem[]): Promise<Map<string, string>> {
  const wanted = items.flatMap(({ sourceId }) => (sourceId === undefined ? [] : [sourceId, ...rowsMeant(sourceId)]));
  return dealsOfItems(run.request.database, [...new Set(wanted)]);
}

/** Returns the rows that the source id of a migrated license may mean. */
function rowsMeant(sourceId: string): string[] {
  if (/^[1-9]\d{0,14}$/.test(sourceId)) return [ownItemSourceId(Number(sourceId))];
  return dealOfProduct(sourceId) === undefined ? [] : [String(sourceOf("license", sourceId).recordId)];
}

/** Returns the row that a tenant's line item is; undefined if it is none. */
function ownRowOf({ sourceId, deal }: TenantItem, rows: ReadonlyMap<string, string>): string | undefined {
  if (sourceId === undefined) return undefined;
  // No one else writes such a source id.
  if (sourceId.startsWith("deal-")) return rows.has(sourceId) ? sourceId : undefined;
  const isOf = (row: string, dealId: string) => rows.get(row) === dealId && (deal === undefined || deal === dealId);
  // A product of the deal that Planhat has it under: it is this connector's own.
  if (deal !== undefined && rows.get(sourceId) === deal) return sourceId;
  const ofProduct = dealOfProduct(sourceId);
  return rowsMeant(sourceId).find((row) => isOf(row, ofProduct === undefined ? sourceId : String(ofProduct)));
}

async function unknownDeals({ run }: Publication, deals: TenantDeals): Promise<UnknownObject[]> {
  const ids = [...deals.values()].flatMap(({ sourceId }) => sourceId ?? []);
  const own = await revenueRowsAmong(run.request.database, "deals", ids);
  return [...deals].flatMap(([planhatId, { sourceId, name }]): UnknownObject[] =>
    sourceId !== undefined && own.has(sourceId)
      ? []
      : [{ model: "deal", planhat_id: planhatId, source_id: sourceId ?? null, name: name ?? null }],
  );
}
