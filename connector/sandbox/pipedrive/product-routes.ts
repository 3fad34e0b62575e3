import { Hono } from "hono";
import { isObject, type Json, type JsonObject } from "../../mapping/value.ts";
import type { Store } from "../store/store.ts";
import { answerOne, answerSorted } from "./answer.ts";
import { refused, validationFailed } from "./api-error.ts";
import { readIds, readLimit, readQuery, readWord } from "./read-query.ts";
import { readBody } from "./record-routes.ts";

const paging = { limit: readLimit, cursor: (text: string) => text };
const order = { sort_direction: readWord("asc", "desc") };
const sorted = { ...order, sort_by: readWord("id", "deal_id", "add_time", "update_time", "order_nr") };
const listParameters = { deal_ids: readIds, ...sorted, ...paging };
const oneDealParameters = { ...sorted, sort_by: readWord("id", "add_time", "update_time", "order_nr"), ...paging };
const catalogueParameters = { ...order, sort_by: readWord("id", "add_time", "update_time"), ...paging };

const frequencies = ["one-time", "annually", "semi-annually", "quarterly", "monthly", "weekly"];
/** Recurring products that a deal may have (openapi-v2.yaml, `billing_frequency`). */
const mostRecurring = 20;

/** The catalogue and the products of deals as API v2 serves them (mounted at /api/v2, before the deals). */
export function productRoutes(store: Store): Hono {
  const routes = new Hono();
  const { products } = store;
  routes.get("/deals/products", (context) => {
    const query = readQuery(new URL(context.req.url).searchParams, listParameters);
    if (query.deal_ids === undefined) throw validationFailed("deal_ids", "is required");
    return answerSorted(
      [...new Set(query.deal_ids)].flatMap((id) => listedOf(store, id)),
      query,
    );
  });
  routes.get("/deals/:id{[0-9]+}/products", (context) => {
    const id = reachDeal(store, context.req.param("id"));
    return answerSorted(products.of(id), readQuery(new URL(context.req.url).searchParams, oneDealParameters));
  });
  routes.post("/deals/:id{[0-9]+}/products", async (context) => {
    const id = reachDeal(store, context.req.param("id"));
    const body = checkProduct(store, id, await readBody(context.req.raw));
    for (const key of ["product_id", "item_price", "quantity"]) {
      if (body[key] === undefined) throw validationFailed(key, "is required");
    }
    return answerOne(products.add(id, body, "api"), {}, 201);
  });
  routes.patch("/deals/:id{[0-9]+}/products/:product{[0-9]+}", async (context) => {
    const id = reachDeal(store, context.req.param("id"));
    const product = reachProduct(store, id, context.req.param("product"));
    return answerOne(
      products.update(id, product, checkProduct(store, id, await readBody(context.req.raw), product), "api"),
    );
  });
  routes.delete("/deals/:id{[0-9]+}/products/:product{[0-9]+}", (context) => {
    const id = reachDeal(store, context.req.param("id"));
    const product = reachProduct(store, id, context.req.param("product"));
    products.remove(id, product, "api");
    return answerOne({ id: product });
  });
  routes.get("/products", (context) =>
    answerSorted(
      products.catalogue.filter((product) => product["is_deleted"] !== true),
      readQuery(new URL(context.req.url).searchParams, catalogueParameters),
    ),
  );
  routes.get("/products/:id{[0-9]+}", (context) => {
    const found = products.catalogue.find(({ id }) => String(id) === context.req.param("id"));
    if (found === undefined) throw refused(404, "Product not found", "ERR_NOT_FOUND");
    return answerOne(found);
  });
  return routes;
}

/** Returns a deal's products as the list shows them. How the list answers for a deleted deal is not documented. */
function listedOf(store: Store, dealId: number): JsonObject[] {
  const { manners } = store.products;
  const collection = store.collections.deals;
  const deal = collection.get(dealId);
  if (deal === undefined || deal.deleted || collection.hiddenBehind(dealId) !== undefined) {
    if (manners.unknownDeals === "left out") return [];
    throw refused(404, `Deal ${dealId} not found`, "ERR_NOT_FOUND");
  }
  return deal.archived && !manners.showsArchived ? [] : store.products.of(dealId);
}

function reachDeal(store: Store, text: string): number {
  const id = Number(text);
  const deal = store.collections.deals.get(id);
  if (deal === undefined || deal.deleted || store.collections.deals.hiddenBehind(id) !== undefined) {
    throw refused(404, "Deal not found", "ERR_NOT_FOUND");
  }
  return id;
}

function reachProduct(store: Store, dealId: number, text: string): number {
  const found = store.products.of(dealId).find(({ id }) => String(id) === text);
  if (found === undefined) throw refused(404, "Deal product not found", "ERR_NOT_FOUND");
  return found["id"] as number;
}

/** The body of a POST, or of a PATCH of `product`, as far as openapi-v2.yaml says what it takes. */
function checkProduct(store: Store, dealId: number, body: Json, product?: number): JsonObject {
  if (!isObject(body)) throw refused(400, "Request body must be a JSON object", "ERR_SCHEMA_VALIDATION_FAILED");
  const before = product === undefined ? {} : store.products.of(dealId).find(({ id }) => id === product);
  const after: JsonObject = { billing_frequency: "one-time", billing_frequency_cycles: null, ...before, ...body };
  const frequency = after["billing_frequency"] as string;
  const cycles = after["billing_frequency_cycles"];
  if (!frequencies.includes(frequency)) {
    throw validationFailed("billing_frequency", `must be one of ${frequencies.join(", ")}`);
  }
  if (frequency === "one-time" && cycles !== null) {
    throw validationFailed("billing_frequency_cycles", "must be null for one-time");
  }
  if (frequency === "weekly" && cycles === null) throw validationFailed("billing_frequency_cycles", "must not be null");
  const isCount = typeof cycles === "number" && Number.isInteger(cycles) && cycles >= 1 && cycles <= 208;
  if (cycles !== null && !isCount) throw validationFailed("billing_frequency_cycles", "must be between 1 and 208");
  const recurring = store.products
    .of(dealId)
    .filter((one) => one["id"] !== product && one["billing_frequency"] !== "one-time");
  if (frequency !== "one-time" && recurring.length >= mostRecurring) {
    throw refused(400, `A deal takes ${mostRecurring} recurring products`, "ERR_SCHEMA_VALIDATION_FAILED");
  }
  const sold = body["product_id"];
  if (sold !== undefined && !store.products.catalogue.some(({ id }) => id === sold)) {
    throw refused(404, "Product not found", "ERR_NOT_FOUND");
  }
  return body;
}
