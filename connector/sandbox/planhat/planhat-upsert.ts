import type { Json, JsonObject } from "../../mapping/value.ts";
import type { PlanhatModel } from "./planhat-models.ts";
import type { PlanhatStore } from "./planhat-store.ts";
import { withDerived, withProduct } from "./revenue-amounts.ts";

/** The tenant's form of errors and keys. Both are documented in part only, so the connector must accept every form. */
export interface PlanhatManners {
  /** True if an error names its item by key. Default true. */
  namedErrors?: boolean;
  /** True if the keys of written objects repeat the keys sent besides `_id`. Default true. */
  echoedKeys?: boolean;
  /** True if reads give days as their first instants, as one tenant does. Default false. */
  daysAsInstants?: boolean;
  /** If set, values of custom fields must match the field's type, and a rejection names the field or not. */
  checkedTypes?: "named" | "unnamed";
  /**
   * The fate of an object with an unknown `_id`, which is not documented.
   *
   * - `item` (the default): an error of its item
   * - `call`: an error of the whole call, which then changes nothing
   * - `made`: found by its other keys, else created with a new `_id`
   * - `ignored`: silently skipped
   * - `counted`: skipped, and counted as unchanged
   */
  unknownIds?: "item" | "call" | "made" | "ignored" | "counted";
  /** The tenant's own spellings of properties of deals and line items, as in `lineitem.dealId`. */
  names?: Readonly<Record<string, string>>;
  /** The fate of a line item whose deal is not known: an error (the default), silently skipped, or kept. */
  unknownDeals?: "item" | "ignored" | "kept";
  /** True if a new line item takes from its product what is null too, not only what is left out. Default false. */
  fillsNulls?: boolean;
  /** True if line items cannot be listed by company. Default false. */
  companylessItems?: boolean;
  /** True if a line item may name its deal by `srcid-` and its source id. Default false. */
  sourceIdParents?: boolean;
}

const singular: Readonly<Record<string, string>> = { deals: "deal", lineitems: "lineitem" };

/** Returns an object of a path under the tenant's own names. */
export function inTenant(path: string, object: JsonObject, names: Readonly<Record<string, string>>): JsonObject {
  return Object.fromEntries(
    Object.entries(object).map(([name, value]) => [names[`${singular[path]}.${name}`] ?? name, value]),
  );
}

/** Returns an item under the documented names; a property that the tenant spells otherwise is none of its own. */
function fromTenant(path: string, item: JsonObject, names: Readonly<Record<string, string>>): JsonObject {
  const model = singular[path];
  if (model === undefined) return item;
  const known = new Map(
    Object.entries(names).flatMap(([key, own]) => (key.startsWith(`${model}.`) ? [[own, key.split(".")[1]!]] : [])),
  );
  const renamed = new Set(known.values());
  return Object.fromEntries(
    Object.entries(item).flatMap(([name, value]) => {
      const own = known.get(name) ?? (renamed.has(name) ? undefined : name);
      return own === undefined ? [] : [[own, value]];
    }),
  );
}

/** The answer to a bulk upsert (Planhat API, bulk upsert): status and body. */
export interface SandboxUpsertAnswer {
  status: 200 | 206 | 400;
  body: JsonObject;
}

/**
 * Executes a bulk upsert, item by item. An object found by one of its keys is updated; any other is created if it has
 * the required properties. An end user without a known company is silently dropped, as in Planhat.
 */
export function upsertAll(
  store: PlanhatStore,
  model: PlanhatModel,
  items: readonly JsonObject[],
  manners: PlanhatManners,
): SandboxUpsertAnswer {
  const answer = { created: 0, updated: 0, nonupdates: 0 };
  const lists = {
    createdErrors: [] as Json[],
    updatedErrors: [] as Json[],
    insertsKeys: [] as Json[],
    updatesKeys: [] as Json[],
  };
  const unknown = manners.unknownIds === "call" ? items.find((item) => namesUnknown(store, model, item)) : undefined;
  if (unknown !== undefined) return { status: 400, body: { error: "An object or its company was not found" } };
  for (const given of items) {
    const item = fromTenant(model.path, given, manners.names ?? {});
    const outcome = upsertOne(store, model, item, manners);
    if (outcome.kind === "dropped") continue;
    if ("error" in outcome) {
      lists[outcome.kind === "create" ? "createdErrors" : "updatedErrors"].push(told(item, outcome.error, manners));
      continue;
    }
    if (outcome.kind === "same" || outcome.kind === "counted") answer.nonupdates++;
    else if (outcome.kind === "create") answer.created++;
    else answer.updated++;
    if (outcome.kind !== "same" && outcome.kind !== "counted") {
      lists[outcome.kind === "create" ? "insertsKeys" : "updatesKeys"].push(keysOf(item, outcome.id, manners));
    }
  }
  const errors = lists.createdErrors.length + lists.updatedErrors.length;
  const written = answer.created + answer.updated + answer.nonupdates;
  return {
    status: errors === 0 ? 200 : written > 0 ? 206 : 400,
    body: {
      ...answer,
      ...lists,
      modified: lists.updatesKeys.map((key) => (key as JsonObject)["_id"]!),
      upsertedIds: lists.insertsKeys.map((key) => (key as JsonObject)["_id"]!),
      permissionErrors: [],
    },
  };
}

type Outcome =
  | { kind: "dropped" }
  | { kind: "counted" }
  | { kind: "create" | "update" | "same"; id: string }
  | { kind: "create" | "update"; error: string };

/** Returns true if an item names an object or a company by an unknown `_id`. */
function namesUnknown(store: PlanhatStore, model: PlanhatModel, { _id, companyId }: JsonObject): boolean {
  const isUnknown = (path: string, id: Json | undefined) =>
    typeof id === "string" && store.find(path, id) === undefined;
  return isUnknown(model.path, _id) || (model.ofCompany && isUnknown("companies", companyId));
}

function upsertOne(store: PlanhatStore, model: PlanhatModel, item: JsonObject, manners: PlanhatManners): Outcome {
  const { content, companyKnown } = contentOf(store, model, item);
  const isItem = model.path === "lineitems";
  if (isItem && !resolveDeal(store, content, manners) && manners.unknownDeals !== "kept") {
    return manners.unknownDeals === "ignored" ? { kind: "dropped" } : { kind: "create", error: "deal not found" };
  }
  const found = findByKey(store, model, item, manners);
  if ("kind" in found) return found;
  const before = found.object;
  if (before === undefined) {
    if (model.ofCompany && !companyKnown) {
      return model.path === "endusers" ? { kind: "dropped" } : { kind: "create", error: "companyId is required" };
    }
    const taken = takenKey(store, model, content);
    const whole = isItem ? withProduct(store, content, manners) : content;
    const error = taken ?? model.fault(whole) ?? mistypedField(store, model, content, manners);
    return error === undefined
      ? { kind: "create", id: String(store.create(model.path, isItem ? withDerived(whole, content) : content)["_id"]) }
      : { kind: "create", error };
  }
  const id = String(before["_id"]);
  if (model.ofCompany && item["companyId"] !== undefined && !companyKnown) {
    return model.path === "endusers" ? { kind: "dropped" } : { kind: "update", error: "company not found" };
  }
  const error =
    heldByAnother(store, model, content, id) ??
    model.fault({ ...before, ...content }) ??
    mistypedField(store, model, content, manners);
  if (error !== undefined) return { kind: "update", error };
  const same = isSame(before, content);
  store.update(model.path, id, isItem ? { ...content, ...derivedIn({ ...before, ...content }, content) } : content);
  return { kind: same ? "same" : "update", id };
}

/** Puts the `_id` of a line item's deal into its content. Returns false if there is no such deal. */
function resolveDeal(
  store: PlanhatStore,
  content: JsonObject,
  { sourceIdParents = false, companylessItems = false }: PlanhatManners,
): boolean {
  const { dealId } = content;
  if (dealId === undefined) return true;
  const isPlain = typeof dealId === "string" && (sourceIdParents || !dealId.startsWith("srcid-"));
  const deal = isPlain ? store.find("deals", dealId) : undefined;
  if (deal === undefined) return false;
  content["dealId"] = deal["_id"]!;
  if (deal["companyId"] !== undefined && !companylessItems) content["companyId"] = deal["companyId"];
  return true;
}

/** Returns the amounts of a line item that change with those that were sent. */
function derivedIn(whole: JsonObject, sent: JsonObject): JsonObject {
  const { mrr, arr, value } = withDerived(whole, sent);
  return Object.fromEntries(Object.entries({ mrr, arr, value }).filter(([, one]) => one !== undefined)) as JsonObject;
}

const fits: Readonly<Record<string, (value: Json) => boolean>> = {
  number: (value) => typeof value === "number",
  day: (value) => typeof value === "string" && /^\d{4}-\d\d-\d\d(T|$)/.test(value),
  checkbox: (value) => typeof value === "boolean",
};

/** Returns a tenant's error for a value that its field cannot hold. */
function mistypedField(
  store: PlanhatStore,
  { parent }: PlanhatModel,
  { custom }: JsonObject,
  { checkedTypes }: PlanhatManners,
): string | undefined {
  if (checkedTypes === undefined || custom === undefined) return undefined;
  for (const [name, value] of Object.entries(custom as JsonObject)) {
    const field = store.customFields.find((one) => one.parent === parent && one.name === name);
    if (value === null || field === undefined || fits[field.type]?.(value) !== false) continue;
    if (checkedTypes === "unnamed") return "Invalid value";
    return `Cast to ${field.type} failed for value ${JSON.stringify(value)} at path "custom.${name}"`;
  }
  return undefined;
}

function findByKey(
  store: PlanhatStore,
  model: PlanhatModel,
  item: JsonObject,
  { unknownIds = "item" }: PlanhatManners,
): { object: JsonObject | undefined } | Outcome {
  if (typeof item["_id"] === "string") {
    const object = store.find(model.path, item["_id"]);
    if (object !== undefined) return { object };
    if (unknownIds === "ignored") return { kind: "dropped" };
    if (unknownIds === "counted") return { kind: "counted" };
    if (unknownIds !== "made") return { kind: "update", error: `${item["_id"]} was not found` };
  }
  for (const key of model.keyables) {
    const value = item[key];
    if (typeof value !== "string") continue;
    const object = store.find(model.path, `${key === "sourceId" ? "srcid" : "extid"}-${value}`);
    if (object !== undefined) return { object };
    // It is not documented whether a lower key is tried when a higher one finds nothing: here it is not.
    return { object: undefined };
  }
  return { object: undefined };
}

function takenKey(store: PlanhatStore, model: PlanhatModel, content: JsonObject): string | undefined {
  const { externalId } = content;
  if (model.path !== "companies" || typeof externalId !== "string") return undefined;
  return store.find(model.path, `extid-${externalId}`) === undefined ? undefined : "externalId duplicated";
}

/** Returns true if another object has the source id, which is unique within a model. */
function heldByAnother(
  store: PlanhatStore,
  model: PlanhatModel,
  { sourceId }: JsonObject,
  id: string,
): string | undefined {
  if (typeof sourceId !== "string") return undefined;
  const holder = store.find(model.path, `srcid-${sourceId}`);
  return holder === undefined || holder["_id"] === id ? undefined : "sourceId duplicated";
}

/** Returns the stored part of an item: known properties, the company resolved, rich text as the editor keeps it. */
function contentOf(store: PlanhatStore, model: PlanhatModel, item: JsonObject) {
  const content: JsonObject = {};
  let companyKnown = false;
  for (const [name, value] of Object.entries(item)) {
    if (name === "_id" || !model.properties.has(name)) continue;
    if (name === "companyId") {
      const company = typeof value === "string" ? store.find("companies", value) : undefined;
      companyKnown = company !== undefined;
      if (company !== undefined) content["companyId"] = company["_id"]!;
    } else if (name === "description" && typeof value === "string") content[name] = value.replace(/[\r\n]+/g, "");
    else content[name] = value;
  }
  return { content, companyKnown };
}

function isSame(before: JsonObject, content: JsonObject): boolean {
  return Object.entries(content).every(([name, value]) =>
    name === "custom"
      ? Object.entries(value as JsonObject).every(
          ([key, one]) => JSON.stringify((before["custom"] as JsonObject)[key]) === JSON.stringify(one),
        )
      : JSON.stringify(before[name] ?? null) === JSON.stringify(value),
  );
}

function told(item: JsonObject, message: string, { namedErrors = true }: PlanhatManners): Json {
  if (!namedErrors) return message;
  return { ...keys(item), message };
}

function keysOf(item: JsonObject, id: string, { echoedKeys = true }: PlanhatManners): JsonObject {
  return echoedKeys ? { ...keys(item), _id: id } : { _id: id };
}

function keys(item: JsonObject): JsonObject {
  return Object.fromEntries(
    ["_id", "sourceId", "externalId"].flatMap((key) => (item[key] === undefined ? [] : [[key, item[key]!]])),
  );
}
