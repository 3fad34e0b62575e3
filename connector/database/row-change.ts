import type { Json } from "../mapping/value.ts";
import type { ModelName } from "../model-name.ts";
import { columnJson, sameColumnText, sameJson } from "../planhat/column-value.ts";
import { models } from "../planhat/models.ts";
import type { RowWrite, StoredCompany } from "./row.ts";

/** The fields of a row that a write changes, by Planhat's names. A custom field that does not exist has no key. */
export interface RowChange {
  before: Record<string, Json>;
  after: Record<string, Json>;
}

/** Returns the changes that a write would make to a row; undefined if the row already holds all of it. */
export function rowChange(
  model: ModelName,
  row: Omit<StoredCompany, "sourceId">,
  write: Omit<RowWrite, "sourceId">,
): RowChange | undefined {
  const before: [string, Json][] = [];
  const after: [string, Json][] = [];
  const columns = Object.keys(write.columns).length === 0 ? [] : models[model].values();
  for (const property of columns) {
    if (!Object.hasOwn(write.columns, property.column)) continue;
    const from = row.columns[property.column] ?? null;
    const to = write.columns[property.column] ?? null;
    if (sameColumnText(property, from, to)) continue;
    before.push([property.name, columnJson(property, from)]);
    after.push([property.name, columnJson(property, to)]);
  }
  for (const [name, to] of Object.entries(write.custom ?? {})) {
    const isThere = Object.hasOwn(row.custom, name);
    if (isThere && sameJson(row.custom[name], to)) continue;
    if (isThere) before.push([`custom.${name}`, row.custom[name]!]);
    after.push([`custom.${name}`, to]);
  }
  for (const key of ["companyId", "externalId"] as const) {
    const to = write[key];
    if (to === undefined || to === row[key]) continue;
    before.push([key, row[key]]);
    after.push([key, to]);
  }
  if (after.length === 0) return undefined;
  return { before: Object.fromEntries(before), after: Object.fromEntries(after) };
}

/** Returns all values of a row by Planhat's names; NULL is left out. */
export function wholeRow(model: ModelName, row: Omit<StoredCompany, "sourceId">): Record<string, Json> {
  const values: [string, Json][] = [];
  for (const property of models[model].values()) {
    const text = row.columns[property.column] ?? null;
    if (text !== null) values.push([property.name, columnJson(property, text)]);
  }
  for (const [name, value] of Object.entries(row.custom)) values.push([`custom.${name}`, value]);
  if (row.companyId !== null) values.push(["companyId", row.companyId]);
  if (row.externalId !== null) values.push(["externalId", row.externalId]);
  return Object.fromEntries(values);
}
