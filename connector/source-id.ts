import type { ModelName } from "./model-name.ts";
import type { StreamName } from "./stream-name.ts";

/** The streams whose records become rows of each model. */
export const streamsOf: Readonly<Record<ModelName, readonly StreamName[]>> = {
  company: ["organizations"],
  enduser: ["persons"],
  note: ["notes"],
  license: ["deals", "deal_products"],
  sale: ["deals", "deal_products"],
};

/** The record that a row's source id names. */
export interface RowSource {
  stream: StreamName;
  /** NaN if the source id is none of Pipedrive's. */
  recordId: number;
}

const ofProduct = /^([1-9]\d{0,14})-([1-9]\d{0,14})$/;

/** Returns the record that a row was made of; the row of a product is named by its deal and itself. */
export function sourceOf(model: ModelName, sourceId: string): RowSource {
  const [first, product] = streamsOf[model];
  const parts = product === undefined ? null : ofProduct.exec(sourceId);
  if (parts !== null) return { stream: product!, recordId: Number(parts[2]) };
  return { stream: first!, recordId: Number(sourceId) };
}

/** Returns the source id of a row that is made of a product of a deal (contract, section 7). */
export function productSourceId(dealId: number, productId: number): string {
  return `${dealId}-${productId}`;
}

/** Returns the deal of a row that is made of a product; undefined for other rows. */
export function dealOfProduct(sourceId: string): number | undefined {
  const parts = ofProduct.exec(sourceId);
  return parts === null ? undefined : Number(parts[1]);
}

/** Returns the source id of a record's row; of a product, by the deal that it names. */
export function sourceIdOf(stream: StreamName, id: number, record: Readonly<Record<string, unknown>>): string {
  return stream === "deal_products" ? productSourceId(Number(record["deal_id"]), id) : String(id);
}

/** The SQL expression of the record's id in a source id; null if it is none of Pipedrive's. */
export function recordIdSql(sourceId: string): string {
  return `case when ${sourceId} ~ '^[1-9][0-9]{0,14}(-[1-9][0-9]{0,14})?$'
               then coalesce(nullif(split_part(${sourceId}, '-', 2), ''), ${sourceId})::bigint end`;
}

/** The SQL expression of the stream of a model's source id. */
export function streamSql(model: ModelName, sourceId: string): string {
  const [first, product] = streamsOf[model];
  return product === undefined
    ? `'${first}'`
    : `case when ${sourceId} like '%-%' then '${product}' else '${first}' end`;
}

/** Orders source ids by their numbers: those of a deal's products come after the deal's own. */
export function bySourceId(one: string, other: string): number {
  const [first = "", product = "0"] = one.split("-");
  const [second = "", otherProduct = "0"] = other.split("-");
  return Number(first) - Number(second) || Number(product) - Number(otherProduct);
}
