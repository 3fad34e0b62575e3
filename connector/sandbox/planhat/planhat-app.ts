import { type Context, Hono } from "hono";
import type { Json, JsonObject } from "../../mapping/value.ts";
import type { Intercept } from "../pipedrive/app.ts";
import { type AppConnection, breakOff, forever, truncate } from "../pipedrive/break-connection.ts";
import type { RequestLog } from "../pipedrive/request-log.ts";
import { listPlanhat } from "./planhat-list.ts";
import type { PlanhatModel } from "./planhat-models.ts";
import { type PlanhatStore, planhatModelOf } from "./planhat-store.ts";
import { inTenant, type PlanhatManners, upsertAll } from "./planhat-upsert.ts";
import { withAmounts } from "./revenue-amounts.ts";

/** Items of a bulk upsert, and bytes of its body, at most (Planhat API, limits). */
const mostItems = 5000;
const largestBody = 32_000_000;
const minute = 60_000;

/** The parts of the local Planhat. */
export interface PlanhatParts extends PlanhatManners {
  store: PlanhatStore;
  requests: RequestLog;
  token: string;
  /** Calls within a minute; Infinity for no limit. Planhat has 200. */
  callsPerMinute: number;
  /** The paths that the token may not read, and those that it may not write. */
  mayNotRead: readonly string[];
  mayNotWrite: readonly string[];
  /** `deals`: the tenant has Deal and Line Item instead of License and Sale. */
  revenue: "licenses" | "deals";
  intercept: Intercept | undefined;
}

/** Creates Planhat's REST API as one app, its paths at the root: `/companies`. */
export function planhatApp(parts: PlanhatParts): Hono<AppConnection> {
  const { store } = parts;
  const app = new Hono<AppConnection>();
  app.get("/sandbox/requests", (context) => context.json(parts.requests.toJSON()));
  const calls: number[] = [];
  app.use((context, next) => gateway(parts, calls, context, next));
  app.get("/customfields", (context) => answer(listPlanhat(context.req.query(), fieldObjects(store), 100, 2000)));
  app.get("/leancompanies", (context) => answer(leanCompanies(store, context.req.query())));
  app.get("/:path", (context) => {
    const path = context.req.param("path");
    const model = modelFor(parts, path);
    if (model === undefined) return refuse(404, "Not found");
    if (parts.mayNotRead.includes(path)) return refuse(403, "Forbidden");
    const objects = store.all(path).map((object) => asTold(parts, path, object));
    return answer(read(parts, listPlanhat(context.req.query(), objects, model.usualLimit, model.largestLimit)));
  });
  app.get("/:path/:id", (context) => {
    const { path, id } = context.req.param();
    if (modelFor(parts, path) === undefined) return refuse(404, "Not found");
    if (parts.mayNotRead.includes(path)) return refuse(403, "Forbidden");
    const object = store.find(path, id);
    return object === undefined ? refuse(404, "Not found") : answer(read(parts, asTold(parts, path, object)));
  });
  app.put("/:path", async (context) => {
    const path = context.req.param("path");
    const model = modelFor(parts, path);
    if (model === undefined) return refuse(404, "Not found");
    if (parts.mayNotWrite.includes(path)) {
      return Response.json({ permissionErrors: [`No permission to write ${path}`] }, { status: 403 });
    }
    const text = await context.req.text();
    if (Buffer.byteLength(text) > largestBody) return refuse(413, "Payload too large");
    const items = parsed(text);
    if (!Array.isArray(items)) return refuse(400, "An array was expected");
    if (items.length > mostItems) return refuse(400, `No more than ${mostItems} items`);
    const { status, body } = upsertAll(store, model, items as JsonObject[], parts);
    return Response.json(body, { status });
  });
  app.delete("/:path/:id", (context) => {
    const { path, id } = context.req.param();
    if (modelFor(parts, path) === undefined) return refuse(404, "Not found");
    if (parts.mayNotWrite.includes(path)) return refuse(403, "Forbidden");
    return store.delete(path, id) ? answer({ n: 1, ok: 1, deletedCount: 1 }) : refuse(404, "Not found");
  });
  app.notFound(() => refuse(404, "Not found"));
  app.onError((error) => refuse(500, `Internal Server Error: ${error.stack}`));
  return app;
}

async function gateway(
  { requests, token, callsPerMinute, intercept }: PlanhatParts,
  calls: number[],
  context: Context<AppConnection>,
  next: () => Promise<void>,
): Promise<Response | undefined> {
  const { method } = context.req;
  const { pathname, search, searchParams: query } = new URL(context.req.url);
  const path = pathname.replace(/^\/planhat(?=\/)/, "");
  const numbers = requests.add(method, path, search);
  const verdict = intercept?.({ method, path, query, ...numbers });
  if (verdict instanceof Response) return verdict;
  if (verdict === "reset") return breakOff(context);
  if (verdict === "hang") return forever();
  if (!accepts(token, context.req.header("authorization"))) return refuse(401, "Unauthorized");
  const now = performance.now();
  while (calls.length > 0 && calls[0]! <= now - minute) calls.shift();
  if (calls.length >= callsPerMinute) return refuse(429, "Too many requests");
  calls.push(now);
  await next();
  if (verdict === "truncate") return truncate(context);
  return undefined;
}

function accepts(token: string, authorization: string | undefined): boolean {
  const basic = `Basic ${Buffer.from(`${token}:`).toString("base64")}`;
  return authorization === `Bearer ${token}` || authorization === basic;
}

function modelFor({ revenue }: PlanhatParts, path: string): PlanhatModel | undefined {
  const model = planhatModelOf(path);
  return model?.revenue === undefined || model.revenue === revenue ? model : undefined;
}

/** Returns an object as the tenant shows it: a deal with the amounts of its line items, under the tenant's names. */
function asTold({ store, names = {} }: PlanhatParts, path: string, object: JsonObject): JsonObject {
  const whole = path === "deals" ? withAmounts(store, object) : object;
  return path === "lineitems" || path === "deals" ? inTenant(path, whole, names) : whole;
}

function fieldObjects({ customFields }: PlanhatStore): JsonObject[] {
  return customFields.map(({ name, parent, type }) => ({ name, parent, type, isHidden: false }));
}

/** Returns a value as it is read, with days in the tenant's form. */
function read({ daysAsInstants = false }: PlanhatManners, value: Json): Json {
  if (!daysAsInstants) return value;
  if (typeof value === "string") return /^\d{4}-\d\d-\d\d$/.test(value) ? `${value}T00:00:00.000Z` : value;
  if (Array.isArray(value)) return value.map((one) => read({ daysAsInstants }, one));
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, read({ daysAsInstants }, one)]));
}

/** Returns all companies by their keys, without a limit. */
function leanCompanies(store: PlanhatStore, query: Record<string, string>): JsonObject[] {
  return store
    .all("companies")
    .filter((company) =>
      ["sourceId", "externalId"].every((key) => query[key] === undefined || company[key] === query[key]),
    )
    .map(({ _id, name, sourceId, externalId }) => ({
      _id: _id!,
      name: name ?? null,
      ...(sourceId === undefined ? {} : { sourceId }),
      ...(externalId === undefined ? {} : { externalId }),
    }));
}

function parsed(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return null;
  }
}

function answer(body: Json): Response {
  return Response.json(body);
}

function refuse(status: number, message: string): Response {
  return Response.json({ error: message }, { status });
}
