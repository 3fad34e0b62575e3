import { type ModelName, revenueKindOf } from "./model-name.ts";
import type { StreamName } from "./stream-name.ts";

/** The streams whose records become rows of each model. */
export const streamsOf: Readonly<Record<ModelName, readonly StreamName[]>> = {
  company: ["organizations"],
  enduser: ["persons"],
  note: ["notes"],
  license: ["deals", "deal_products"],
  sale: ["deals", "deal_products"],
  deal: ["deals"],
  lineitem: ["deal_products"],
};

/** The record that a row's source id names. */
export interface RowSource {
  stream: StreamName;
  /** NaN if the source id is none of Pipedrive's; negative for a line item that is made of its deal. */
  recordId: number;
}

const ofProduct = /^([1-9]\d{0,14})-([1-9]\d{0,14})$/;
const ofDeal = /^deal-([1-9]\d{0,14})$/;

const ofObject = /^extid-(.+)$/s;

/**
 * Returns the source id of a row that a source other than Pipedrive feeds, by the id there. It is in Planhat's own form
 * for an external id, and never that of a record of Pipedrive.
 */
export function objectSourceId(externalId: string): string {
  return `extid-${externalId}`;
}

/** The SQL expression of whether a source id is that of a row that another source than Pipedrive feeds. */
export function ofObjectSql(sourceId: string): string {
  return `${sourceId} like 'extid-%'`;
}

/** Returns the id in its source of a row that another source than Pipedrive feeds; undefined for other rows. */
export function externalIdOf(sourceId: string): string | undefined {
  return ofObject.exec(sourceId)?.[1];
}

/** Returns the record that a row was made of; the license of a product is named by its deal and itself. */
export function sourceOf(model: ModelName, sourceId: string): RowSource {
  const [first, product] = streamsOf[model];
  if (model === "lineitem") return { stream: first!, recordId: itemRecord(sourceId) };
  const parts = product === undefined ? null : ofProduct.exec(sourceId);
  if (parts !== null) return { stream: product!, recordId: Number(parts[2]) };
  return { stream: first!, recordId: Number(sourceId) };
}

function itemRecord(sourceId: string): number {
  const parts = ofDeal.exec(sourceId);
  return parts === null ? Number(sourceId) : ownItem(Number(parts[1]));
}

/**
 * Returns the id under which the line item that is made of a deal counts among the products of deals. Pipedrive's own
 * ids are positive, so that it is never that of a product.
 */
export function ownItem(dealId: number): number {
  return -dealId;
}

/** Returns the deal of a line item that is made of it, by its id among products; undefined for a product's. */
export function dealOfOwnItem(recordId: number): number | undefined {
  return recordId < 0 ? -recordId : undefined;
}

/** Returns the source id of a row of a model that is made of a product of a deal (contract, section 7). */
export function productSourceId(model: ModelName, dealId: number, productId: number): string {
  return model === "lineitem" ? String(productId) : `${dealId}-${productId}`;
}

/** Returns the source id of the line item that is made of a deal without products (contract, section 7). */
export function ownItemSourceId(dealId: number): string {
  return `deal-${dealId}`;
}

/** Returns the deal of a license or sale that is made of a product; undefined for other rows. */
export function dealOfProduct(sourceId: string): number | undefined {
  const parts = ofProduct.exec(sourceId);
  return parts === null ? undefined : Number(parts[1]);
}

/** Returns the source id of a record's row of a model; of a product, by the deal that it names. */
export function sourceIdOf(
  stream: StreamName,
  id: number,
  record: Readonly<Record<string, unknown>>,
  model: ModelName,
): string {
  return stream === "deal_products" ? productSourceId(model, Number(record["deal_id"]), id) : String(id);
}

/** The SQL expression of the record's id in a source id; null if it is none of Pipedrive's. */
export function recordIdSql(sourceId: string): string {
  return `case when ${sourceId} ~ '^[1-9][0-9]{0,14}(-[1-9][0-9]{0,14})?$'
               then coalesce(nullif(split_part(${sourceId}, '-', 2), ''), ${sourceId})::bigint
               when ${sourceId} ~ '^deal-[1-9][0-9]{0,14}$' then -substr(${sourceId}, 6)::bigint end`;
}

/** The SQL expression of the stream of a model's source id. */
export function streamSql(model: ModelName, sourceId: string): string {
  const [first, product] = streamsOf[model];
  return product === undefined
    ? `'${first}'`
    : `case when ${sourceId} like '%-%' then '${product}' else '${first}' end`;
}

/** The SQL expression of the source id that the record `record` has as a row of a model. */
export function sourceIdSql(stream: StreamName, model: ModelName, record: string): string {
  return stream === "deal_products" && model !== "lineitem"
    ? `(${record}.record->>'deal_id') || '-' || ${record}.id`
    : `${record}.id::text`;
}

/** Returns those of some models that are of the same kind of revenue models as the given one, it included. */
export function alike<Name extends ModelName>(names: readonly Name[], model: ModelName): Name[] {
  const kind = revenueKindOf(model);
  return names.filter((name) => revenueKindOf(name) === kind);
}

/** Orders source ids by their numbers: those of a deal's products come after the deal's own. */
export function bySourceId(one: string, other: string): number {
  const [first, product] = numbersOf(one);
  const [second, otherProduct] = numbersOf(other);
  return first - second || product - otherProduct;
}

function numbersOf(sourceId: string): [number, number] {
  const own = ofDeal.exec(sourceId);
  if (own !== null) return [Number(own[1]), -1];
  const [first = "", product = "0"] = sourceId.split("-");
  return [Number(first), Number(product)];
}
