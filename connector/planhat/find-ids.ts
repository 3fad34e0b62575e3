import type { JsonObject } from "../mapping/value.ts";
import { type ModelName, parentOf } from "../model-name.ts";
import type { PlanhatClient } from "./client.ts";
import { listAll } from "./lists.ts";
import { modelPaths } from "./model-paths.ts";

/** Company ids per request: the URL stays below 2,000 characters. */
export const companiesAtOnce = 75;

/**
 * Finds Planhat's `_id`s of objects by the connector's key: `externalId` for notes, `sourceId` for the others.
 * Companies and line items are searched among all; other objects among those of the given companies (Planhat's `_id`s).
 * Whether line items can be listed by company is not documented.
 */
export async function findIds(
  client: PlanhatClient,
  model: ModelName,
  companyIds: readonly string[],
): Promise<Map<string, string>> {
  const { path, things, largestPage } = modelPaths[model];
  const key = model === "note" ? "externalId" : "sourceId";
  const found = new Map<string, string>();
  const query = { limit: largestPage, select: `_id,${key}`, sort: "_id" };
  const isByCompany = parentOf[model] === "company";
  for (const companies of !isByCompany ? [undefined] : chunks([...new Set(companyIds)], companiesAtOnce)) {
    const of = companies === undefined ? {} : { companyId: companies.join(",") };
    for await (const page of listAll(client, path, { ...query, ...of }, things)) {
      for (const object of page) add(found, object, key);
    }
  }
  return found;
}

function add(found: Map<string, string>, object: JsonObject, key: string): void {
  const { _id } = object;
  const value = object[key];
  if (typeof _id === "string" && typeof value === "string") found.set(value, _id);
}

function* chunks<Item>(items: readonly Item[], size: number): Generator<readonly Item[]> {
  for (let start = 0; start < items.length; start += size) yield items.slice(start, start + size);
}
