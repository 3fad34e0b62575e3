import type { Context } from "hono";
import { listWaiting } from "../database/consents.ts";
import { RequestWindow } from "../http/request-window.ts";
import type { PartHealth } from "./health.ts";
import type { SyncJob } from "./jobs.ts";
import { sameText } from "./same-text.ts";
import type { Service, StartPart } from "./service.ts";

/** So many runs may be asked for within so many milliseconds. */
const mostRequests = 60;
const requestWindow = 60_000;

/**
 * The routes besides the deliveries and `/health/live`, which are the listener's own: `/health/ready` (the service can
 * do its work, else 503), `/health` (the same with details), and the runs on demand, `POST /sync[?full=true]` and
 * `POST /sync/company/<organization id>`, which are answered 202 with the request's id once it is stored, 60 in a minute.
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
    const request = await jobs.requestSync(sync);
    events.emit("work");
    return context.json({ request, ...sync }, 202);
  };
  health.add("database", async () => {
    await database.query("select 1");
    return { ready: true, kind: database.kind };
  });
  health.add("consent", async (): Promise<PartHealth> => {
    const waiting = await listWaiting(database);
    if (waiting.length === 0) return { ready: true };
    const what = waiting.map((one) => `${one.count} ${one.what}`).join(", ");
    return {
      ready: true,
      problem: `Waits until somebody agrees: ${what}. ${waiting[0]!.remedy}`,
      waiting: waiting.map((one) => ({ ...one })),
    };
  });
  routes.get("/health/ready", async (context) => {
    const { status } = await health.report();
    return context.json({ status }, status === "ready" ? 200 : 503);
  });
  routes.get("/health", async (context) => {
    const report = await health.report();
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
  routes.onError((error, context) => {
    service.logger.error(`${context.req.method} ${context.req.path}: ${error.stack ?? error.message}`);
    return context.json({ error: "The request could not be answered; the log says why." }, 500);
  });
  return undefined;
};

/** Lets those in who have the token; says in a sentence why not. */
function refuse({ config }: Service, context: Context): Response | undefined {
  if (config.sync_token === undefined) {
    return context.json({ error: "Runs on demand are off: the config has no sync_token." }, 403);
  }
  const given = /^Bearer +(.+)$/i.exec(context.req.header("authorization") ?? "")?.[1] ?? "";
  if (sameText(given, config.sync_token)) return undefined;
  return context.json(
    { error: "The request lacks `Authorization: Bearer <sync_token>`, or its token is wrong." },
    401,
    {
      "www-authenticate": "Bearer",
    },
  );
}
