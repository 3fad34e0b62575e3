import type { StoredRow } from "../../database/row.ts";
import type { FieldRejection, MappedField, MappedRecord } from "../../mapping/compiled-mapping.ts";
import { EMPTY, type Json, type JsonObject, type Value } from "../../mapping/value.ts";
import type { ModelName } from "../../model-name.ts";
import { columnJson, columnValue, sameColumnText, sameJson, unstorableCustom } from "../../planhat/column-value.ts";
import { type ModelProperty, models } from "../../planhat/models.ts";
import type { RowAction } from "../decision.ts";

/** The input of a row's decision. */
export interface RowInput {
  sourceId: string;
  mapped: MappedRecord;
  /** The existing row, if there is one. */
  existing: StoredRow | undefined;
  /** The company's row id; undefined for companies themselves. */
  companyId?: string;
  /** The row id of the deal of a line item. */
  dealId?: string;
  externalId?: string;
  /** Properties that the connector itself sets, by Planhat's name. */
  constants?: Readonly<Record<string, string>>;
  /** The origin of the record, for the reasons of rejections: Pipedrive, unless it is told. */
  origin?: string;
  /** Fields that stay unchanged: Planhat's own change (three-way merge), or a value that an undo restored. */
  keep?: ReadonlySet<string>;
}

/**
 * Compares a mapped record with its row. Empty fields stay unchanged, null becomes NULL, and only differences are
 * written. A value that its column cannot hold is rejected alone. If Planhat requires that field, the row is rejected,
 * so that no incomplete row is stored.
 */
export function decideRow(input: RowInput): RowAction {
  const { mapped, existing, sourceId } = input;
  const action: RowAction = {
    model: mapped.model,
    sourceId,
    action: "unchanged",
    fields: {},
    write: { sourceId, columns: {} },
    rejections: [...mapped.rejections],
  };
  if (mapped.refused !== undefined) return refuse(action, mapped.refused);
  const properties = models[mapped.model];
  for (const mappedField of mapped.fields) {
    if (mappedField.value.state === "empty" || input.keep?.has(mappedField.field)) continue;
    const refusal = mappedField.field.startsWith("custom.")
      ? decideCustom(action, mappedField, existing)
      : decideColumn(action, properties.get(mappedField.field)!, mappedField.value, input);
    if (refusal !== undefined) return refuse(action, refusal);
  }
  for (const [name, text] of Object.entries(input.constants ?? {})) {
    if (input.keep?.has(name)) continue;
    decideColumn(action, properties.get(name)!, { state: "present", value: text }, input);
  }
  const missing = existing === undefined ? missingProperty(properties, action, input) : undefined;
  if (missing !== undefined) return refuse(action, missing);
  decideKeys(action, input);
  action.action = existing === undefined ? "create" : Object.keys(action.fields).length > 0 ? "update" : "unchanged";
  return action;
}

/** Decides a column. Records a rejected field; returns it if the row must be rejected too. */
function decideColumn(
  action: RowAction,
  property: ModelProperty,
  value: Value,
  { existing, origin = "Pipedrive" }: RowInput,
): FieldRejection | undefined {
  const from = existing?.columns[property.column] ?? null;
  let to: string | null = null;
  if (value.state === "present") {
    const result = columnValue(property, value.value);
    if ("reason" in result) {
      const rejection = { field: property.name, reason: result.reason, value };
      if (property.required) return rejection;
      action.rejections.push(rejection);
      return undefined;
    }
    to = result.text;
  } else if (property.required) {
    return { field: property.name, reason: `it is null in ${origin} and Planhat requires ${property.name}`, value };
  }
  if (existing !== undefined && sameColumnText(property, from, to)) return undefined;
  action.write.columns[property.column] = to;
  if (existing !== undefined || to !== null)
    action.fields[property.name] = { from: columnJson(property, from), to: columnJson(property, to) };
  return undefined;
}

function decideCustom(action: RowAction, { field, value }: MappedField, existing: StoredRow | undefined): undefined {
  const name = field.slice("custom.".length);
  const from = existing === undefined ? undefined : ownValue(existing.custom, name);
  const reason = value.state === "present" ? unstorableCustom(value.value) : undefined;
  if (reason !== undefined) {
    action.rejections.push({ field, reason, value });
    return;
  }
  const to = value.state === "present" ? value.value : null;
  if (from !== undefined && sameJson(from, to)) return;
  action.write.custom ??= {};
  defineValue(action.write.custom, name, to);
  action.fields[field] = { from: from ?? null, to };
}

/** Sets the connector's keys: the company, the deal of line items, and the external id of notes. */
function decideKeys(action: RowAction, { existing, companyId, dealId, externalId, keep }: RowInput): void {
  const dealBefore = existing?.columns["deal_id"] ?? null;
  if (dealId !== undefined && dealBefore !== dealId && !keep?.has("dealId")) {
    action.write.columns["deal_id"] = dealId;
    if (existing !== undefined) action.fields["dealId"] = { from: dealBefore, to: dealId };
  }
  if (companyId !== undefined && existing?.companyId !== companyId && !keep?.has("companyId")) {
    action.write.companyId = companyId;
    if (existing !== undefined) action.fields["companyId"] = { from: existing.companyId, to: companyId };
  }
  if (externalId !== undefined && existing?.externalId !== externalId && !keep?.has("externalId")) {
    action.write.externalId = externalId;
    if (existing !== undefined) action.fields["externalId"] = { from: existing.externalId, to: externalId };
  }
}

function missingProperty(
  properties: ReadonlyMap<string, ModelProperty>,
  action: RowAction,
  { origin = "Pipedrive" }: RowInput,
): FieldRejection | undefined {
  for (const property of properties.values()) {
    if (property.required && (action.write.columns[property.column] ?? null) === null) {
      return {
        field: property.name,
        reason: `it is empty in ${origin} and Planhat requires ${property.name}`,
        value: EMPTY,
      };
    }
  }
  return undefined;
}

function refuse(action: RowAction, refused: FieldRejection): RowAction {
  return { ...action, action: "refuse", fields: {}, write: { sourceId: action.sourceId, columns: {} }, refused };
}

/** Returns a row's value in a field, as JSON; null if it has none. */
export function fieldJson(
  model: ModelName,
  field: string,
  { columns, custom }: Pick<StoredRow, "columns" | "custom">,
): Json {
  if (field.startsWith("custom.")) return ownValue(custom, field.slice("custom.".length)) ?? null;
  const property = models[model].get(field);
  return property === undefined ? null : columnJson(property, columns[property.column] ?? null);
}

function ownValue(object: JsonObject, key: string): Json | undefined {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

/** Sets a key of any name: plain assignment would lose `__proto__`. */
function defineValue(object: JsonObject, key: string, value: Json): void {
  Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true });
}
