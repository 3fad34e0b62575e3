import type { Queryable } from "../../database/database.ts";
import { type LandedRecord, readLanded } from "../../database/landing/landing.ts";
import { countEnabled } from "../../database/landing/product-deals.ts";
import type { CompiledMapping, KeysByStream, RecordContext, RelatedStream } from "../../mapping/compiled-mapping.ts";
import type { JsonObject } from "../../mapping/value.ts";
import { glanceKeys } from "../../pipedrive/records/streams.ts";
import { type StreamName, streamNames } from "../../stream-name.ts";

/** The organizations, persons and deals related to the records of one batch, by id, as far as they were read. */
export interface RecordGraph {
  organizations: Map<number, LandedRecord>;
  persons: Map<number, LandedRecord>;
  deals: Map<number, LandedRecord>;
  /** The number of enabled products of deals, as far as they are known; undefined if no condition asks for it. */
  products: Map<number, number> | undefined;
  /** The keys that are left out when records of a stream are read. */
  unread: KeysByStream;
  /** The streams that the mapping reads to map a record of each stream. */
  lookedInto: CompiledMapping["around"];
}

/** The keys of a record that selecting and applying read, whatever the mapping reads. */
const lookedAt = new Set([...glanceKeys, "id", "update_time", "deal_id", "is_enabled"]);

/** Returns the keys that neither the mapping nor the connector itself reads. */
export function unreadKeys({ unread }: CompiledMapping): KeysByStream {
  const without = (stream: StreamName) => unread[stream].filter((key) => !lookedAt.has(key));
  return Object.fromEntries(streamNames.map((stream) => [stream, without(stream)])) as Record<StreamName, string[]>;
}

/** Returns a graph without records. */
export function emptyGraph(mapping: CompiledMapping): RecordGraph {
  return {
    organizations: new Map(),
    persons: new Map(),
    deals: new Map(),
    products: mapping.deals.asksForProducts ? new Map() : undefined,
    unread: unreadKeys(mapping),
    lookedInto: mapping.around,
  };
}

/**
 * Returns an empty graph that reads whole records and everything related to them: explanations show more than the
 * mapping reads.
 */
export function wholeGraph(): RecordGraph {
  const ofEach = <Value>(value: Value) =>
    Object.fromEntries(streamNames.map((stream) => [stream, value])) as Record<StreamName, Value>;
  return {
    organizations: new Map(),
    persons: new Map(),
    deals: new Map(),
    products: new Map(),
    unread: ofEach([]),
    lookedInto: ofEach(["organizations", "persons", "deals"]),
  };
}

/** Returns the records to which the computed fields and embedded names of a record refer. */
export function around(record: JsonObject, graph: RecordGraph): RecordContext {
  const products = graph.products?.get(reference(record, "id") ?? 0);
  return {
    ...(products === undefined ? {} : { products }),
    organization: graph.organizations.get(reference(record, "org_id") ?? 0)?.record,
    person: graph.persons.get(reference(record, "person_id") ?? 0)?.record,
    deal: graph.deals.get(reference(record, "deal_id") ?? 0)?.record,
  };
}

/** Returns the deal of a product; an empty record if it has not landed. */
export function landedDealOf(product: JsonObject, graph: RecordGraph): JsonObject {
  return graph.deals.get(reference(product, "deal_id") ?? 0)?.record ?? {};
}

/** Returns the records to which the computed fields of a product refer: those of its deal, and the deal itself. */
export function aroundProduct(product: JsonObject, graph: RecordGraph): RecordContext {
  const deal = graph.deals.get(reference(product, "deal_id") ?? 0)?.record;
  return { ...around(deal ?? {}, graph), deal };
}

/** Reads the given deals of products into a graph, and the records around them that the mapping of products reads. */
export async function readAroundProducts(
  queryable: Queryable,
  graph: RecordGraph,
  dealIds: readonly number[],
): Promise<void> {
  await readInto(queryable, graph, "deals", dealIds);
  const deals = dealIds.flatMap((id) => graph.deals.get(id) ?? []);
  for (const related of graph.lookedInto.deal_products) {
    if (related !== "deals") await readInto(queryable, graph, related, references(deals, keyOf[related]));
  }
}

/** Adds to the graph how many enabled products the given deals have, if a condition asks for it. */
export async function countProducts(
  queryable: Queryable,
  { products }: RecordGraph,
  dealIds: readonly number[],
): Promise<void> {
  if (products === undefined) return;
  const missing = dealIds.filter((id) => !products.has(id));
  for (const [id, count] of await countEnabled(queryable, missing)) products.set(id, count);
}

const keyOf = { organizations: "org_id", persons: "person_id", deals: "deal_id" } as const;

/** Reads the records to which records of a stream refer and that the graph lacks, if the mapping reads them. */
export async function completeGraph(
  queryable: Queryable,
  graph: RecordGraph,
  stream: StreamName,
  landed: readonly LandedRecord[],
): Promise<void> {
  for (const related of graph.lookedInto[stream]) {
    await readInto(queryable, graph, related, references(landed, keyOf[related]));
  }
}

/** Reads the records with the given ids that the graph lacks. */
export async function readInto(
  queryable: Queryable,
  graph: RecordGraph,
  stream: RelatedStream,
  ids: readonly number[],
): Promise<void> {
  const known = graph[stream];
  const missing = ids.filter((id) => !known.has(id));
  const landed = await readLanded(queryable, stream, missing, graph.unread[stream]);
  for (const record of landed) known.set(record.id, record);
}

/** Returns the ids that records hold under `key`, each once. */
export function references(landed: readonly LandedRecord[], key: string): number[] {
  return [...new Set(landed.flatMap(({ record }) => reference(record, key) ?? []))];
}

/** Returns the id that a record holds under `key`; undefined if it holds none. */
export function reference(record: JsonObject, key: string): number | undefined {
  const id = record[key];
  return typeof id === "number" ? id : undefined;
}
