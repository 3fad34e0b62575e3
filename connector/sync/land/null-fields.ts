import type { Queryable } from "../../database/database.ts";
import { readLanded } from "../../database/landing/landing.ts";
import type { CompiledMapping } from "../../mapping/compiled-mapping.ts";
import { receives } from "../../mapping/direction.ts";
import type { ModelName } from "../../model-name.ts";
import { sourceIdOf, sourceOf, streamsOf } from "../../source-id.ts";
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
  for (const name of streamsOf[model]) {
    const ids = sources.flatMap(({ stream, recordId }) =>
      stream === name && Number.isSafeInteger(recordId) ? [recordId] : [],
    );
    const stream = mapping[name];
    if (!receives(stream.direction) || ids.length === 0) continue;
    const graph = emptyGraph(mapping);
    const landed = await readLanded(queryable, name, ids, graph.unread[name]);
    const isProducts = name === "deal_products";
    if (isProducts) await readAroundProducts(queryable, graph, references(landed, "deal_id"));
    else await completeGraph(queryable, graph, name, landed);
    for (const { id, record } of landed) {
      const mapped = stream.map(record, isProducts ? aroundProduct(record, graph) : around(record, graph));
      if (mapped.model !== model) continue;
      const fields = mapped.fields.flatMap(({ field, value }) => (value.state === "null" ? [field] : []));
      nulls.set(sourceIdOf(name, id, record), new Set(fields));
    }
  }
  return nulls;
}
