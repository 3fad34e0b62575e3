import type { Queryable } from "../../database/database.ts";
import { readLanded } from "../../database/landing/landing.ts";
import type { CompiledMapping } from "../../mapping/compiled-mapping.ts";
import { receives } from "../../mapping/direction.ts";
import type { ModelName } from "../../model-name.ts";
import { dealOfOwnItem, ownItemSourceId, type RowSource, sourceIdOf, sourceOf, streamsOf } from "../../source-id.ts";
import type { StreamName } from "../../stream-name.ts";
import { around, aroundProduct, completeGraph, emptyGraph, readAroundProducts, references } from "./record-graph.ts";

/**
 * Returns the fields of rows that are null in Pipedrive, by source id. A NULL column does not show whether the field
 * was cleared or never filled, so the landed records are mapped once more.
 */
export async function nullFields(
  queryable: Queryable,
  mapping: CompiledMapping,
  model: ModelName,
  sourceIds: readonly string[],
): Promise<Map<string, ReadonlySet<string>>> {
  const nulls = new Map<string, ReadonlySet<string>>();
  const sources = sourceIds.map((sourceId) => sourceOf(model, sourceId));
  const streams = model === "lineitem" ? (["deal_products", "deals"] as const) : streamsOf[model];
  for (const name of streams) {
    const ids = sources.flatMap((source) => recordOf(source, name) ?? []);
    const stream = mapping[name];
    if (!receives(stream.direction) || ids.length === 0) continue;
    const graph = emptyGraph(mapping);
    const landed = await readLanded(queryable, name, ids, graph.unread[name]);
    const isProducts = name === "deal_products";
    if (isProducts) await readAroundProducts(queryable, graph, references(landed, "deal_id"));
    else await completeGraph(queryable, graph, name, landed);
    for (const { id, record } of landed) {
      const whole = stream.map(record, isProducts ? aroundProduct(record, graph) : around(record, graph));
      const mapped = model === "lineitem" && !isProducts ? whole.lineItem : whole;
      if (mapped?.model !== model) continue;
      const fields = mapped.fields.flatMap(({ field, value }) => (value.state === "null" ? [field] : []));
      const sourceId = mapped === whole ? sourceIdOf(name, id, record, model) : ownItemSourceId(id);
      nulls.set(sourceId, new Set(fields));
    }
  }
  return nulls;
}

/** Returns the record of a stream that a row was made of; the line item of a deal was made of the deal. */
function recordOf({ stream, recordId }: RowSource, name: StreamName): number | undefined {
  const deal = dealOfOwnItem(recordId);
  const made = deal === undefined ? { stream, recordId } : { stream: "deals" as const, recordId: deal };
  return made.stream === name && Number.isSafeInteger(made.recordId) ? made.recordId : undefined;
}
