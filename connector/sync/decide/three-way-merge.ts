import type { StoredRow } from "../../database/row.ts";
import type { FieldConflict } from "../../database/tables/conflicts.ts";
import type { CompiledStream, MappedRecord } from "../../mapping/compiled-mapping.ts";
import type { Json, JsonObject, Value } from "../../mapping/value.ts";
import type { ModelName } from "../../model-name.ts";
import { columnValue } from "../../planhat/column-value.ts";
import { type ModelProperty, models } from "../../planhat/models.ts";
import { sameMeaning } from "./same-meaning.ts";

/** The result of a three-way merge for one linked row. */
export interface Merge {
  /** Fields that stay unchanged in the row: Planhat's change, which Pipedrive has not received, is kept. */
  keep: Set<string>;
  conflicts: FieldConflict[];
  /** The base once the row is stored, by Planhat field. */
  base: JsonObject;
}

/** The time when each side last changed, RFC 3339 or null, for `prefer: newest`. */
export interface SideTimes {
  pipedrive: string | null;
  planhat: string | null;
}

/** A row that is merged with its record, and what both last agreed on. */
export interface MergedRow {
  existing: StoredRow | undefined;
  base: JsonObject | undefined;
  times: SideTimes;
  /** The fields that stay as an undo restored them. */
  held?: ReadonlySet<string>;
}

/**
 * Compares Pipedrive's values, the row's values and the base, field by field (contract, section 5). Only fields with
 * direction `both` can be kept; a field that only receives always takes Pipedrive's value. `held` fields stay unchanged
 * in any case.
 */
export function mergeRow(
  stream: CompiledStream,
  mapped: MappedRecord,
  { existing, base, times, held }: MergedRow,
): Merge {
  const merge: Merge = { keep: new Set(), conflicts: [], base: { ...base } };
  const directions = new Map(
    stream.models.find(({ model }) => model === mapped.model)?.fields.map(({ field, direction }) => [field, direction]),
  );
  for (const { field, value } of mapped.fields) {
    if (held?.has(field)) {
      merge.keep.add(field);
      continue;
    }
    const pipedrive = comparable(mapped.model, field, value);
    if (pipedrive === undefined) continue;
    if (existing === undefined || directions.get(field) !== "both") {
      merge.base[field] = pipedrive;
      continue;
    }
    const planhat = rowValue(mapped.model, field, existing);
    const verdict = verdictOf(pipedrive, planhat, agreedOn(base, field));
    if (verdict === "same") {
      merge.base[field] = pipedrive;
      // A value that only looks different stays in Planhat's form.
      if (planhat !== null) merge.keep.add(field);
    } else if (verdict === "planhat") {
      merge.keep.add(field);
    } else if (verdict === "pipedrive") {
      merge.base[field] = pipedrive;
    } else {
      const winner = winnerOf(stream, times);
      merge.conflicts.push({ field, base: agreedOn(base, field), pipedrive, planhat, winner });
      if (winner === "planhat") merge.keep.add(field);
      else merge.base[field] = pipedrive;
    }
  }
  return merge;
}

/** The side with the newer value of a field, relative to the base: neither, one side, or both. */
export type MergeVerdict = "same" | "pipedrive" | "planhat" | "conflict";

/**
 * Compares three ways. Without a base, an empty side does not count as a change: the other side's value is taken.
 * `pipedrive` is undefined if Pipedrive has no value.
 */
export function verdictOf(pipedrive: Json | undefined, planhat: Json, agreed: Json | undefined): MergeVerdict {
  if (sameMeaning(pipedrive, planhat)) return "same";
  if (sameMeaning(planhat, agreed)) return "pipedrive";
  return pipedrive === undefined || sameMeaning(pipedrive, agreed) ? "planhat" : "conflict";
}

/** Returns the base of a field; undefined if the sides never agreed on it. */
export function agreedOn(base: JsonObject | undefined, field: string): Json | undefined {
  return base !== undefined && Object.hasOwn(base, field) ? base[field] : undefined;
}

/** Returns the winner of a conflict, by `prefer`. */
export function winnerOf({ prefer }: Pick<CompiledStream, "prefer">, times: SideTimes): "pipedrive" | "planhat" {
  if (prefer !== "newest") return prefer;
  return times.planhat !== null && times.pipedrive !== null && Date.parse(times.planhat) > Date.parse(times.pipedrive)
    ? "planhat"
    : "pipedrive";
}

/**
 * Returns the value as the row would hold it: a column's text, or the JSON of lists and custom fields; undefined if it
 * is empty.
 */
export function comparable(model: ModelName, field: string, value: Value): Json | undefined {
  if (value.state === "empty") return undefined;
  if (value.state === "null") return null;
  if (field.startsWith("custom.")) return value.value;
  const property = models[model].get(field)!;
  const result = columnValue(property, value.value);
  return "text" in result ? readColumn(property, result.text) : undefined;
}

/** Returns the row's value in the form of `comparable`; null if it has none. */
export function rowValue(model: ModelName, field: string, row: StoredRow): Json {
  if (!field.startsWith("custom.")) {
    const property = models[model].get(field)!;
    return readColumn(property, row.columns[property.column] ?? null);
  }
  const name = field.slice("custom.".length);
  return (Object.hasOwn(row.custom, name) ? row.custom[name] : undefined) ?? null;
}

function readColumn({ type }: ModelProperty, text: string | null): Json {
  return text !== null && (type === "array" || type === "object") ? (JSON.parse(text) as Json) : text;
}
