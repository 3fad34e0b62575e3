import type { StoredRow } from "../../database/row.ts";
import type { Json, JsonObject } from "../../mapping/value.ts";
import type { ModelName } from "../../model-name.ts";
import { columnJson } from "../../planhat/column-value.ts";
import { models } from "../../planhat/models.ts";
import { richText, richTexts } from "../../planhat/rich-text.ts";
import { alikeLabels } from "../../text/label-text.ts";

/** The inputs, besides the row, of an object for Planhat. */
export interface ObjectSetting {
  /** Planhat's id of the row's company; null for companies. */
  companyPlanhatId: string | null;
  /** Properties that were published before: a NULL clears them. */
  givenBefore: ReadonlySet<string>;
  /** Properties that are null in Pipedrive, not merely empty: a NULL is sent. */
  nulls: ReadonlySet<string>;
  /**
   * The model's custom fields in Planhat's spelling; others are left out, because Planhat would store and never show
   * them.
   */
  customFields: ReadonlySet<string>;
}

/**
 * Returns a row as Planhat accepts it, without `_id`: empty values are left out and stay unchanged there, null is sent.
 * Companies, end users, licenses and sales have `sourceId`, the Pipedrive id, as their key; notes have no such key.
 */
export function planhatObject(model: ModelName, row: StoredRow, setting: ObjectSetting): JsonObject {
  const object: JsonObject = {};
  if (model !== "note") object["sourceId"] = row.sourceId;
  if (row.externalId !== null) object["externalId"] = row.externalId;
  if (setting.companyPlanhatId !== null) object["companyId"] = setting.companyPlanhatId;
  for (const property of models[model].values()) {
    const value = columnJson(property, row.columns[property.column] ?? null);
    if (value === null && (property.required || !isNull(property.name, setting))) continue;
    object[property.name] = typeof value === "string" && richTexts.has(property.name) ? richText(value) : value;
  }
  const custom = Object.entries(row.custom).flatMap(([name, value]): [string, Json][] => {
    const spelled = setting.customFields.has(name) ? name : alikeLabels(setting.customFields, name)[0];
    return spelled === undefined ? [] : [[spelled, value]];
  });
  if (custom.length > 0) object["custom"] = Object.fromEntries(custom);
  return object;
}

function isNull(name: string, { givenBefore, nulls }: ObjectSetting): boolean {
  return givenBefore.has(name) || nulls.has(name);
}
