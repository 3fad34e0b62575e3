import { gzipSync } from "node:zlib";
import { type Context, Hono } from "hono";
import type { Json } from "../../mapping/value.ts";
import type { Store } from "../store/store.ts";
import { accountRoutes } from "./account-routes.ts";
import { ApiError, refused, refusedByGateway } from "./api-error.ts";
import { type AppConnection, breakOff, forever, truncate } from "./break-connection.ts";
import { definitionRoutes } from "./definition-routes.ts";
import { definitionWrites } from "./definition-writes.ts";
import { noteRoutes } from "./note-routes.ts";
import { productRoutes } from "./product-routes.ts";
import type { RateLimit } from "./rate-limit.ts";
import { tokenCost } from "./rate-limit.ts";
import { recordRoutes } from "./record-routes.ts";
import type { RequestLog } from "./request-log.ts";
import { webhookRoutes } from "./webhook-routes.ts";
import type { Webhooks } from "./webhooks.ts";

/** A request as `intercept` receives it, before all other handling. */
export interface InterceptedRequest {
  method: string;
  path: string;
  query: URLSearchParams;
  /** Its number among all requests, from 1. */
  ordinal: number;
  /** Its number among those for the same method, path and query, from 1. */
  attempt: number;
}

/**
 * Decides about a request: an answer to give instead, `reset` (break the connection), `hang` (never answer), `truncate`
 * (answer, but break off in the middle of the body), or undefined to let it through.
 */
export type Intercept = (request: InterceptedRequest) => Response | "reset" | "hang" | "truncate" | undefined;

/** Behaviour of Pipedrive that varies; it may change at any time. */
export interface PipedriveManners {
  /** True if a rejection of a body names its field. */
  namesRefusedFields: boolean;
}

/** The parts of the app. */
export interface AppParts {
  store: Store;
  webhooks: Webhooks;
  requests: RequestLog;
  rateLimit: RateLimit;
  token: string;
  intercept: Intercept | undefined;
  gzip: boolean;
  /** Pipedrive's documented behaviour by default. */
  manners?: PipedriveManners;
  /** Answers below /planhat. */
  planhat: Hono<AppConnection>;
}

/**
 * Creates the whole API as one app: the gateway (counting, interception, token, limits) before the routes of both
 * versions.
 */
export function sandboxApp(parts: AppParts): Hono<AppConnection> {
  const { store, webhooks, requests, rateLimit } = parts;
  const app = new Hono<AppConnection>();
  app.get("/sandbox/requests", (context) => context.json(requests.toJSON()));
  app.post("/sandbox/reset-counters", (context) => {
    requests.reset();
    rateLimit.reset();
    return context.json({ success: true });
  });
  app.route("/planhat", parts.planhat);
  app.use((context, next) => gateway(parts, context, next));
  for (const routes of [productRoutes(store), recordRoutes(store), definitionRoutes(store), definitionWrites(store)]) {
    app.route("/api/v2", routes);
  }
  for (const prefix of ["/api/v1", "/v1"]) {
    app.route(prefix, noteRoutes(store)).route(prefix, accountRoutes(store)).route(prefix, webhookRoutes(webhooks));
  }
  app.notFound(() => refused(404, "Unknown method or path", "ERR_NOT_FOUND").toResponse());
  app.onError((error) =>
    error instanceof ApiError
      ? (parts.manners?.namesRefusedFields !== false ? error : error.withoutName()).toResponse()
      : refused(500, `Internal Server Error: ${error.stack}`, "ERR_UNKNOWN").toResponse(),
  );
  return app;
}

async function gateway(
  parts: AppParts,
  context: Context<AppConnection>,
  next: () => Promise<void>,
): Promise<Response | undefined> {
  const { store, requests, rateLimit, token, intercept } = parts;
  const { method } = context.req;
  const { pathname: path, search, searchParams: query } = new URL(context.req.url);
  const numbers = requests.add(method, path, search);
  if (method !== "GET") requests.writes.push({ method, path, body: await bodyOf(context) });
  const verdict = intercept?.({ method, path, query, ...numbers });
  if (verdict instanceof Response) return verdict;
  if (verdict === "reset") return breakOff(context);
  if (verdict === "hang") return forever();
  const given = tokenOf(context, query);
  if (given !== token) throw refusedByGateway(401, "unauthorized access", { "x-401-by-gw": "true" });
  const cost = tokenCost(method, path);
  const headers = rateLimit.take(given, cost);
  requests.tokens += cost;
  await next();
  for (const [name, value] of Object.entries(headers)) context.header(name, value);
  // The clock of an answer is that of the account, which may differ from this machine's.
  context.header("date", new Date(store.now() * 1000).toUTCString());
  if (verdict === "truncate") return truncate(context);
  if (parts.gzip && /\bgzip\b/.test(context.req.header("accept-encoding") ?? "")) await compress(context);
}

/** Returns the body as JSON, or as text if it is not JSON. */
async function bodyOf(context: Context<AppConnection>): Promise<Json> {
  const text = await context.req.raw.clone().text();
  try {
    return text === "" ? null : (JSON.parse(text) as Json);
  } catch {
    return text;
  }
}

function tokenOf(context: Context<AppConnection>, query: URLSearchParams): string | undefined {
  const bearer = /^Bearer (.+)$/.exec(context.req.header("authorization") ?? "")?.[1];
  return context.req.header("x-api-token") ?? bearer ?? query.get("api_token") ?? undefined;
}

// Level 1: nearly as small as the default on JSON, at a third of its time.
async function compress(context: Context<AppConnection>): Promise<void> {
  const body = gzipSync(await context.res.arrayBuffer(), { level: 1 });
  context.res = new Response(body, context.res);
  context.header("content-encoding", "gzip");
}
