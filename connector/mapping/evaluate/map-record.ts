import type { ModelName } from "../../model-name.ts";
import type { MappedRecord, RecordContext } from "../compiled-mapping.ts";
import { receives } from "../direction.ts";
import { EMPTY, type JsonObject, type Value } from "../value.ts";
import type { Condition } from "./condition.ts";
import type { RunnableField } from "./runnable-field.ts";

/** A model with its condition, ready to run. */
export interface RunnableModel {
  /** The model; `none` makes no row. */
  model: ModelName | "none";
  condition: Condition | undefined;
  fields: readonly RunnableField[];
  /** The fields of the line item that is made of a deal without products. */
  lineItem?: readonly RunnableField[] | undefined;
}

/** The entries for one field of the row: one, or several of which the first whose `when` holds counts. */
type Alternatives = readonly RunnableField[];

/**
 * Returns the function that maps a record to its row: the first model whose condition holds, its receiving fields in
 * order.
 */
export function recordMapper(
  models: readonly RunnableModel[],
  fallback: ModelName,
): (record: JsonObject, context: RecordContext) => MappedRecord {
  const prepared = models.map(({ model, condition, fields, lineItem }) => ({
    model,
    condition,
    alternatives: alternativesOf(fields),
    ofLineItem: lineItem && alternativesOf(lineItem),
  }));
  return (record, context) => {
    let doubt: MappedRecord["doubt"];
    for (const { model, condition, alternatives, ofLineItem } of prepared) {
      const verdict = condition === undefined || condition.holds(record, context);
      const reason = condition?.doubt(record, context);
      if (reason !== undefined)
        doubt ??= { field: fieldsOf(condition), reason: `${keptAsItIs}: ${reason}`, value: EMPTY };
      if (verdict === false) continue;
      const isNone = model === "none";
      const mapped: MappedRecord = {
        model: isNone ? fallback : model,
        fields: [],
        rejections: [],
        ...(doubt === undefined ? {} : { doubt }),
      };
      if (verdict !== true) {
        // Guessing between license and sale would put money into the wrong table.
        mapped.refused = {
          field: fieldsOf(condition),
          reason: `the model cannot be chosen: ${verdict.reason}`,
          value: EMPTY,
        };
        return mapped;
      }
      if (isNone) return { ...mapped, none: true };
      for (const entries of alternatives) mapField(mapped, entries, record, context);
      if (ofLineItem !== undefined) {
        const item: MappedRecord = { ...mapped, model: "lineitem", fields: [], rejections: [] };
        delete item.refused;
        for (const entries of ofLineItem) mapField(item, entries, record, context);
        mapped.lineItem = item;
      }
      return mapped;
    }
    return { model: fallback, fields: [], rejections: [] };
  };
}

const keptAsItIs = "the row stays what it is, because the model cannot be chosen";

function fieldsOf(condition: Condition | undefined): string {
  return (condition?.sources ?? []).map(({ text }) => text).join(", ");
}

function alternativesOf(fields: readonly RunnableField[]): Alternatives[] {
  const byName = new Map<string, RunnableField[]>();
  for (const field of fields) {
    if (!receives(field.direction)) continue;
    const entries = byName.get(field.field);
    if (entries === undefined) byName.set(field.field, [field]);
    else entries.push(field);
  }
  return [...byName.values()];
}

function mapField(mapped: MappedRecord, entries: Alternatives, record: JsonObject, context: RecordContext): void {
  let doubt: string | undefined;
  for (const entry of entries) {
    if (entry.condition !== undefined) {
      const undecided = entry.condition.doubt(record, context);
      if (undecided !== undefined) doubt ??= `its \`when\` cannot be decided: ${undecided}`;
      const verdict = entry.condition.holds(record, context);
      if (verdict === false) continue;
      if (verdict !== true) {
        reject(mapped, entry, `its \`when\` cannot be decided: ${verdict.reason}`, EMPTY);
        return;
      }
    }
    const value = entry.read(record, context);
    if (value.state === "rejected") {
      reject(mapped, entry, value.reason, entry.raw(record, context));
      return;
    }
    if (entry.required && value.state !== "present") {
      mapped.refused ??= {
        field: entry.field,
        reason: `it is ${value.state} in Pipedrive and the mapping requires it`,
        value,
      };
    }
    doubt ??= entry.doubt?.(record, context);
    const settled = entry.settle(value);
    mapped.fields.push(
      doubt === undefined ? { field: entry.field, value: settled } : { field: entry.field, value: settled, doubt },
    );
    return;
  }
}

/** Rejects the field alone; the other fields continue. A required field rejects the whole row. */
function reject(mapped: MappedRecord, { field, required }: RunnableField, reason: string, value: Value): void {
  if (required) mapped.refused ??= { field, reason, value };
  else mapped.rejections.push({ field, reason, value });
}
