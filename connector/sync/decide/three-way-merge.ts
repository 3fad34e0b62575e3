import type { FieldConflict } from "../../database/conflicts.ts";
import type { StoredRow } from "../../database/row.ts";
import type { CompiledStream, MappedRecord } from "../../mapping/compiled-mapping.ts";
import type { Json, JsonObject, Value } from "../../mapping/value.ts";
import type { ModelName } from "../../model-name.ts";
import { columnValue } from "../../planhat/column-value.ts";
import { type ModelProperty, models } from "../../planhat/models.ts";
import { sameMeaning } from "./same-meaning.ts";

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
 * `held` are those that stay whatever both say.
 */
export function mergeRow(
  stream: CompiledStream,
  mapped: MappedRecord,
  existing: StoredRow | undefined,
  base: JsonObject | undefined,
  times: SideTimes,
  held?: ReadonlySet<string>,
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
      // What only looks different stays as Planhat has it.
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

/** Whose value of a field is the newer one, by what both sides last agreed on: neither's, one side's, or both's. */
export type Verdict = "same" | "pipedrive" | "planhat" | "conflict";

/**
 * Compares three ways. Where both sides never agreed on anything, a side that holds nothing has not said so: the
 * other's value counts. `pipedrive` is undefined where Pipedrive says nothing.
 */
export function verdictOf(pipedrive: Json | undefined, planhat: Json, agreed: Json | undefined): Verdict {
  if (sameMeaning(pipedrive, planhat)) return "same";
  if (sameMeaning(planhat, agreed)) return "pipedrive";
  return pipedrive === undefined || sameMeaning(pipedrive, agreed) ? "planhat" : "conflict";
}

/** What both sides last agreed on of a field; undefined when they never did. */
export function agreedOn(base: JsonObject | undefined, field: string): Json | undefined {
  return base !== undefined && Object.hasOwn(base, field) ? base[field] : undefined;
}

/** Which side wins a conflict, by `prefer`. */
export function winnerOf({ prefer }: Pick<CompiledStream, "prefer">, times: SideTimes): "pipedrive" | "planhat" {
  if (prefer !== "newest") return prefer;
  return times.planhat !== null && times.pipedrive !== null && Date.parse(times.planhat) > Date.parse(times.pipedrive)
    ? "planhat"
    : "pipedrive";
}

/** The value as the row would hold it: a column's text, JSON of lists and custom fields; undefined when it has none. */
export function comparable(model: ModelName, field: string, value: Value): Json | undefined {
  if (value.state === "empty") return undefined;
  if (value.state === "null") return null;
  if (field.startsWith("custom.")) return value.value;
  const property = models[model].get(field)!;
  const result = columnValue(property, value.value);
  return "text" in result ? readColumn(property, result.text) : undefined;
}

/** What the row holds, in the form of `comparable`; null where it holds nothing. */
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
