import type { StoredRow } from "../../database/row.ts";
import type { Json, JsonObject } from "../../mapping/value.ts";
import { type ModelName, parentOf, revenueKindOf } from "../../model-name.ts";
import { columnJson } from "../../planhat/column-value.ts";
import { models } from "../../planhat/models.ts";
import { richText, richTexts } from "../../planhat/rich-text.ts";
import { nameIn, type PropertyNames } from "../../property-names.ts";
import { alikeLabels } from "../../text/label-text.ts";
import { againstCatalogue, withOneAmount, withoutComputed } from "./revenue-rules.ts";

/** The inputs, besides the row, of an object for Planhat. */
export interface ObjectSetting {
  /** Planhat's id of what the row belongs to: its company, or its deal; null for companies. */
  parentPlanhatId: string | null;
  /** Properties that were published before: a NULL clears them. */
  givenBefore: ReadonlySet<string>;
  /** Properties that are null in Pipedrive, not merely empty: a NULL is sent. */
  nulls: ReadonlySet<string>;
  /**
   * The model's custom fields in Planhat's spelling; others are left out, because Planhat would store and never show
   * them.
   */
  customFields: ReadonlySet<string>;
  /** The number of line items of a deal. */
  lineItems?: number | undefined;
  /** True if Planhat does not have the object yet. */
  isNew: boolean;
  /** The tenant's own spellings of properties. */
  names: PropertyNames;
}

/** Returns the name by which an object of a model names what it belongs to. */
export function parentKey(model: ModelName, names: PropertyNames): string {
  return nameIn(names, model, parentOf[model] === "deal" ? "dealId" : "companyId");
}

/**
 * Returns a row as Planhat accepts it, without `_id`: empty values are left out and stay unchanged there, null is sent.
 * All but notes have `sourceId`, the Pipedrive id, as their key; notes have no such key. Deals and line items follow
 * the rules of their models (revenue-rules.ts).
 */
export function planhatObject(model: ModelName, row: StoredRow, setting: ObjectSetting): JsonObject {
  const object: JsonObject = {};
  if (model !== "note") object["sourceId"] = row.sourceId;
  if (row.externalId !== null) object["externalId"] = row.externalId;
  const parent = parentKey(model, setting.names);
  if (setting.parentPlanhatId !== null) object[parent] = setting.parentPlanhatId;
  for (const property of models[model].values()) {
    if (property.own === true) continue;
    const value = columnJson(property, row.columns[property.column] ?? null);
    if (value === null && (property.required || !isNull(model, property.name, setting))) continue;
    object[property.name] = typeof value === "string" && richTexts.has(property.name) ? richText(value) : value;
  }
  const custom = Object.entries(row.custom).flatMap(([name, value]): [string, Json][] => {
    const spelled = setting.customFields.has(name) ? name : alikeLabels(setting.customFields, name)[0];
    return spelled === undefined ? [] : [[spelled, value]];
  });
  if (custom.length > 0) object["custom"] = Object.fromEntries(custom);
  return revenueKindOf(model) === "deals" ? inTenant(model, byRules(model, object, setting), setting.names) : object;
}

function byRules(model: ModelName, object: JsonObject, setting: ObjectSetting): JsonObject {
  if (model === "deal") return withoutComputed(object, setting.lineItems ?? 0);
  const item = withOneAmount(object, (name) => wasGiven(model, name, setting));
  return setting.isNew ? againstCatalogue(item) : item;
}

/** Returns an object under the tenant's own names. */
function inTenant(model: ModelName, object: JsonObject, names: PropertyNames): JsonObject {
  return Object.fromEntries(Object.entries(object).map(([name, value]) => [nameIn(names, model, name), value]));
}

function isNull(model: ModelName, name: string, setting: ObjectSetting): boolean {
  return wasGiven(model, name, setting) || setting.nulls.has(name);
}

function wasGiven(model: ModelName, name: string, { givenBefore, names }: ObjectSetting): boolean {
  return givenBefore.has(nameIn(names, model, name));
}
