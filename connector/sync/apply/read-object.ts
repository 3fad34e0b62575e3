import type { Queryable } from "../../database/database.ts";
import { parentRowIds } from "../../database/rows/rows.ts";
import { readRows } from "../../database/rows/stored-row.ts";
import type { MappedField } from "../../mapping/compiled-mapping.ts";
import { dayOf, instantOf } from "../../mapping/day.ts";
import { type JsonObject, toValue } from "../../mapping/value.ts";
import { type ModelName, parentOf } from "../../model-name.ts";
import { problemBy } from "../../pipedrive/records/record-schema.ts";
import { models } from "../../planhat/models.ts";
import { isObjectField, objectKey, objectSchema, parentFieldOf, parentForm } from "../../planhat/object-schema.ts";
import { objectSourceId } from "../../source-id.ts";
import { isNestedDeeper } from "../../text/nesting.ts";
import { unstorable } from "../../text/storable-text.ts";

/** A record of another source as a row of a model. */
export interface ObjectRow {
  data: JsonObject;
  /** The id in the source; null if it cannot be read. */
  externalId: string | null;
  /** The source id of the company or deal that it names; undefined if it names none. */
  parent: string | undefined;
  /** The values; fields that the model lacks are left out. */
  fields: MappedField[];
  /** The reason why the record is none of the model; undefined if it is. */
  problem: string | undefined;
}

/** The row to which a row belongs; of a line item the deal's too. */
export interface ParentRow {
  companyId: string;
  dealId?: string;
}

const checks = new Map<ModelName, (record: JsonObject) => string | undefined>();

/** Reads a record by its model's JSON Schema. A number is taken as the text of an id. */
export function readObject(model: ModelName, given: JsonObject): ObjectRow {
  const parentField = parentFieldOf(model);
  const key = given[objectKey];
  const data = typeof key === "number" && Number.isSafeInteger(key) ? { ...given, [objectKey]: String(key) } : given;
  const id = data[objectKey];
  const externalId = typeof id === "string" && id !== "" && unstorable(id) === undefined ? id : null;
  const named = parentField === undefined ? undefined : data[parentField];
  const [, form, parentId] = typeof named === "string" ? (parentForm.exec(named) ?? []) : [];
  const parent = parentId === undefined ? undefined : form === "extid" ? objectSourceId(parentId) : parentId;
  const fields = Object.entries(data).flatMap(([field, json]): MappedField[] =>
    field !== objectKey && field !== parentField && isObjectField(model, field)
      ? [{ field, value: toValue(json) }]
      : [],
  );
  const isParentWrong = named !== undefined && named !== null && named !== "" && parent === undefined;
  const problem = isNestedDeeper(data)
    ? "it is nested too deep"
    : (schemaProblem(model, data) ??
      (externalId === null ? `${objectKey}: expected an id, found ${JSON.stringify(id ?? null)}` : undefined) ??
      (isParentWrong
        ? `${parentField}: expected extid-<externalId> or srcid-<id in Pipedrive>, found ${JSON.stringify(named)}`
        : undefined) ??
      timeProblem(model, fields));
  return { data, externalId, parent, fields, problem };
}

/** Returns the fault of a type; what is missing is judged with the row, which may have it. */
function schemaProblem(model: ModelName, data: JsonObject): string | undefined {
  let check = checks.get(model);
  if (check === undefined) {
    const { required: _, properties, ...schema } = objectSchema(model, [], false);
    const nullable = Object.entries(properties as Record<string, JsonObject>).map(([name, property]) => [
      name,
      { ...property, type: [...new Set(["null", property["type"]!].flat())] },
    ]);
    check = problemBy({ ...schema, properties: Object.fromEntries(nullable) as JsonObject });
    checks.set(model, check);
  }
  return check(data);
}

function timeProblem(model: ModelName, fields: readonly MappedField[]): string | undefined {
  for (const { field, value } of fields) {
    const type = models[model].get(field)?.type;
    if (value.state !== "present" || (type !== "date" && type !== "date-time")) continue;
    const read = type === "date" ? dayOf : instantOf;
    if (read(value.value as string) !== undefined) continue;
    const wanted = type === "date" ? "a date (YYYY-MM-DD)" : "a date and time";
    return `${field}: expected ${wanted}, found ${JSON.stringify(value.value)}`;
  }
  return undefined;
}

/** Finds the companies and deals that rows name; a text is the reason why there is none. */
export async function parentsOf(
  queryable: Queryable,
  model: ModelName,
  rows: readonly ObjectRow[],
): Promise<Map<ObjectRow, ParentRow | string>> {
  const found = new Map<ObjectRow, ParentRow | string>();
  const kind = parentOf[model];
  if (kind === undefined) return found;
  const wanted = [...new Set(rows.flatMap(({ parent }) => parent ?? []))];
  const known = new Map<string, ParentRow>();
  if (kind === "company") {
    for (const [sourceId, companyId] of await parentRowIds(queryable, kind, wanted)) known.set(sourceId, { companyId });
  } else {
    for (const { sourceId, id, companyId } of await readRows(queryable, kind, wanted)) {
      if (companyId !== null) known.set(sourceId, { companyId, dealId: id });
    }
  }
  for (const row of rows) {
    const field = parentFieldOf(model)!;
    if (row.parent === undefined) continue;
    found.set(row, known.get(row.parent) ?? `${field}: there is no ${kind} ${JSON.stringify(row.data[field])}`);
  }
  return found;
}
