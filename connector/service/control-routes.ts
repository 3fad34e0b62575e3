import type { Context } from "hono";
import { tryRoom } from "../database/embedded/folder-room.ts";
import { listWaiting } from "../database/tables/consents.ts";
import { Failure } from "../failure.ts";
import { RequestWindow } from "../http/request-window.ts";
import { toldStack } from "../told-error.ts";
import { sameText } from "./deliveries/same-text.ts";
import type { PartHealth } from "./health.ts";
import type { SyncJob } from "./jobs/jobs.ts";
import type { Service, StartPart } from "./service.ts";

/** The maximum number of run requests per window, and the window's length (ms). */
const mostRequests = 60;
const requestWindow = 60_000;

/** Seconds after which a client may repeat a run request that the database could not store. */
const databaseRetry = 30;

/**
 * Bytes of the test whether the folder can be written, and the test's minimum interval (ms): any client may request the
 * health.
 */
const roomBytes = 65_536;
const roomEvery = 5_000;

/**
 * Adds the routes besides the deliveries and `/health/live`, which belong to the listener:
 * - `/health/ready`: 200 if the service can work, else 503
 * - `/health`: the same with details
 * - `POST /sync[?full=true]` and `POST /sync/company/<organization id>`: request a run; 202 with the request's id once
 *   it is stored, at most 60 a minute
 */
export const startControlRoutes: StartPart = async (service) => {
  const { routes, health, jobs, database, events } = service;
  const window = new RequestWindow(requestWindow, mostRequests);
  const accepted = async (context: Context, sync: SyncJob) => {
    const delay = window.delay(Date.now());
    if (delay > 0) {
      const seconds = Math.ceil(delay / 1000);
      const error = `${mostRequests} runs were asked for within a minute; the next may be in ${seconds} s.`;
      return context.json({ error }, 429, { "retry-after": String(seconds) });
    }
    window.send(Date.now());
    let request: string;
    try {
      request = await jobs.requestSync({ ...sync, by: "post" });
    } catch (error) {
      const told = error instanceof Failure ? error.message : toldStack(error);
      service.logger.warn("Requested run could not be queued.", { error: told });
      const refusal = "The run could not be stored: the database is unavailable.";
      return context.json({ error: refusal }, 503, { "retry-after": String(databaseRetry) });
    }
    events.emit("work");
    return context.json({ request, ...sync }, 202);
  };
  const room = roomOf(service);
  health.add("database", async () => {
    await database.query("select 1");
    const lacking = room();
    if (lacking === undefined) return { ready: true, kind: database.kind };
    const problem = "The folder of the database cannot be written: the disk may be full.";
    return { ready: false, problem, cause: lacking.message, kind: database.kind };
  });
  health.add("consent", async (): Promise<PartHealth> => {
    const waiting = await listWaiting(database);
    if (waiting.length === 0) return { ready: true };
    const what = waiting.map((one) => `${one.count} ${one.what}`).join("; ");
    const remedies = [...new Set(waiting.map(({ remedy }) => remedy))];
    return {
      ready: true,
      problem: `Waits for approval: ${what}. ${remedies.join(" ")}`,
      waiting: waiting.map((one) => ({ ...one })),
    };
  });
  routes.get("/health/ready", async (context) => {
    const { status } = await health.report();
    return context.json({ status }, status === "ready" ? 200 : 503);
  });
  routes.get("/health", async (context) => {
    const report = await health.report({ causes: hasToken(service, context) });
    return context.json(report, report.status === "ready" ? 200 : 503);
  });
  routes.post("/sync", async (context) => {
    const refusal = refuse(service, context);
    if (refusal !== undefined) return refusal;
    const mode = context.req.query("full") === "true" ? "full" : "incremental";
    return accepted(context, { mode });
  });
  routes.post("/sync/company/:id", async (context) => {
    const refusal = refuse(service, context);
    if (refusal !== undefined) return refusal;
    const id = context.req.param("id");
    if (!/^[1-9]\d{0,14}$/.test(id)) {
      return context.json({ error: "The path ends in the id of an organization, a whole number above 0." }, 400);
    }
    return accepted(context, { mode: "company", company: Number(id) });
  });
  for (const path of ["/sync", "/sync/company/:id"]) {
    routes.all(path, (context) => context.json({ error: "Use POST." }, 405, { allow: "POST" }));
  }
  for (const path of ["/health", "/health/ready"]) {
    routes.all(path, (context) => context.json({ error: "Use GET." }, 405, { allow: "GET" }));
  }
  routes.notFound((context) => context.json({ error: `There is nothing under ${context.req.path}.` }, 404));
  // The listener logs and counts the error, and answers 500.
  routes.onError((error) => {
    throw error;
  });
  return undefined;
};

/** Returns the refusal of a request without the valid token; undefined if the token is valid. */
function refuse({ config }: Pick<Service, "config">, context: Context): Response | undefined {
  if (config.sync_token === undefined) {
    return context.json({ error: "Runs on demand are off: the config has no sync_token." }, 403);
  }
  if (hasToken({ config }, context)) return undefined;
  return context.json(
    { error: "The request lacks `Authorization: Bearer <sync_token>`, or its token is wrong." },
    401,
    {
      "www-authenticate": "Bearer",
    },
  );
}

function hasToken({ config }: Pick<Service, "config">, context: Context): boolean {
  const given = /^Bearer +(.+)$/i.exec(context.req.header("authorization") ?? "")?.[1] ?? "";
  return config.sync_token !== undefined && sameText(given, config.sync_token);
}

/**
 * Returns a test whether an embedded database's folder, which holds the spool, can be written: its error, or undefined.
 */
function roomOf({ config, database }: Service): () => Error | undefined {
  let tried = { at: Number.NEGATIVE_INFINITY, lacking: undefined as Error | undefined };
  return () => {
    if (database.kind === "server") return undefined;
    const at = performance.now();
    if (at - tried.at > roomEvery) tried = { at, lacking: tryRoom(config.database, roomBytes) };
    return tried.lacking;
  };
}
