import type { Queryable } from "../../database/database.ts";
import { readLanded } from "../../database/landing/landing.ts";
import type { CompiledMapping } from "../../mapping/compiled-mapping.ts";
import type { ModelName } from "../../model-name.ts";
import { streamOf } from "../../model-name.ts";
import { around, completeGraph, emptyGraph } from "./record-graph.ts";

/**
 * Returns the fields of rows that are null in Pipedrive, by record id. A NULL column does not show whether the field
 * was cleared or never filled, so the landed records are mapped once more.
 */
export async function nullFields(
  queryable: Queryable,
  mapping: CompiledMapping,
  model: ModelName,
  recordIds: readonly number[],
): Promise<Map<number, ReadonlySet<string>>> {
  const stream = mapping[streamOf[model]];
  const nulls = new Map<number, ReadonlySet<string>>();
  if (stream.direction === "none" || stream.direction === "send" || recordIds.length === 0) return nulls;
  const graph = emptyGraph(mapping);
  const landed = await readLanded(queryable, stream.stream, [...recordIds], graph.unread[stream.stream]);
  await completeGraph(queryable, graph, stream.stream, landed);
  for (const { id, record } of landed) {
    const mapped = stream.map(record, around(record, graph));
    if (mapped.model !== model) continue;
    nulls.set(id, new Set(mapped.fields.flatMap(({ field, value }) => (value.state === "null" ? [field] : []))));
  }
  return nulls;
}
