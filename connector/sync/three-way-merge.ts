import type { FieldConflict } from "../database/conflicts.ts";
import type { StoredRow } from "../database/rows.ts";
import type { CompiledStream, MappedRecord } from "../mapping/compiled-mapping.ts";
import type { Json, JsonObject, Value } from "../mapping/value.ts";
import type { ModelName } from "../model-name.ts";
import { columnValue, sameColumnText, sameJson } from "../planhat/column-value.ts";
import { models } from "../planhat/models.ts";

/** What a three-way merge decides for one linked row. */
export interface Merge {
  /** Fields that stay as the row has them: Planhat's change, which Pipedrive has not seen, is kept. */
  keep: Set<string>;
  conflicts: FieldConflict[];
  /** The values both sides agree on once the row is stored, by Planhat field. */
  base: JsonObject;
}

/** When each side last changed, RFC 3339 or null, for `prefer: newest`. */
export interface SideTimes {
  pipedrive: string | null;
  planhat: string | null;
}

/**
 * Compares what Pipedrive says now, what the row says now and what both last agreed on, field by field (contract,
 * section 5). Only fields with direction `both` can be kept; a field that only receives always takes Pipedrive's value.
 */
export function mergeRow(
  stream: CompiledStream,
  mapped: MappedRecord,
  existing: StoredRow | undefined,
  base: JsonObject | undefined,
  times: SideTimes,
): Merge {
  const merge: Merge = { keep: new Set(), conflicts: [], base: { ...base } };
  const directions = new Map(
    stream.models.find(({ model }) => model === mapped.model)?.fields.map(({ field, direction }) => [field, direction]),
  );
  for (const { field, value } of mapped.fields) {
    const pipedrive = comparable(mapped.model, field, value);
    if (pipedrive === undefined) continue;
    if (existing === undefined || directions.get(field) !== "both") {
      merge.base[field] = pipedrive;
      continue;
    }
    const planhat = rowValue(mapped.model, field, existing);
    const agreed = base !== undefined && Object.hasOwn(base, field) ? base[field] : undefined;
    if (same(mapped.model, field, pipedrive, planhat)) {
      merge.base[field] = pipedrive;
    } else if (agreed !== undefined && same(mapped.model, field, pipedrive, agreed)) {
      merge.keep.add(field);
    } else if (agreed !== undefined && same(mapped.model, field, planhat, agreed)) {
      merge.base[field] = pipedrive;
    } else {
      const winner = winnerOf(stream, times);
      merge.conflicts.push({ field, base: agreed, pipedrive, planhat, winner });
      if (winner === "planhat") merge.keep.add(field);
      else merge.base[field] = pipedrive;
    }
  }
  return merge;
}

function winnerOf({ prefer }: CompiledStream, times: SideTimes): "pipedrive" | "planhat" {
  if (prefer !== "newest") return prefer;
  return times.planhat !== null && times.pipedrive !== null && Date.parse(times.planhat) > Date.parse(times.pipedrive)
    ? "planhat"
    : "pipedrive";
}

/** The value as the row would hold it: a column's text, or the JSON of a custom field; undefined when it has none. */
function comparable(model: ModelName, field: string, value: Value): Json | undefined {
  if (value.state === "empty") return undefined;
  if (value.state === "null") return null;
  if (field.startsWith("custom.")) return value.value;
  const result = columnValue(models[model].get(field)!, value.value);
  return "text" in result ? result.text : undefined;
}

function rowValue(model: ModelName, field: string, row: StoredRow): Json {
  if (!field.startsWith("custom.")) return row.columns[models[model].get(field)!.column] ?? null;
  const name = field.slice("custom.".length);
  return (Object.hasOwn(row.custom, name) ? row.custom[name] : undefined) ?? null;
}

function same(model: ModelName, field: string, one: Json, other: Json | undefined): boolean {
  if (field.startsWith("custom.")) return sameJson(one, other);
  return sameColumnText(models[model].get(field)!, one as string | null, (other ?? null) as string | null);
}
