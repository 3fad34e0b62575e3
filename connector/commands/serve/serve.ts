import { EventEmitter } from "node:events";
import { serviceConnections } from "../../database/connection/connection-supply.ts";
import { openDatabase } from "../../database/open/open-database.ts";
import { Failure } from "../../failure.ts";
import { type Account, readAccount } from "../../pipedrive/account/account.ts";
import { startAlerts } from "../../service/alerts.ts";
import { startControlRoutes } from "../../service/control-routes.ts";
import { startListener } from "../../service/deliveries/listener.ts";
import { createHealth } from "../../service/health.ts";
import { openJobQueue } from "../../service/jobs/job-queue.ts";
import { startSchedule } from "../../service/jobs/schedule.ts";
import { startWorker } from "../../service/jobs/work.ts";
import { startMetrics } from "../../service/metrics.ts";
import type { StartPart } from "../../service/service.ts";
import { runService, type Service } from "../../service/service.ts";
import { admitDeliveries, keepWebhook } from "../../service/webhook/keep-webhook.ts";
import { claimDatabase } from "../../sync/runs/one-account.ts";
import type { CommonOptions } from "../common-options.ts";
import { refuseWhatPlanhatLacks } from "../mapping/look-at-planhat.ts";
import { loadMapping } from "../opening/load-mapping.ts";
import { type OpenAccount, openAccount } from "../opening/with-account.ts";
import { openPlanhat } from "../opening/with-database.ts";
import { reportFailure } from "../terminal/report-failure.ts";
import { type Stopped, stopSignal } from "../terminal/stop-signal.ts";

/** The options of `serve`. */
export interface ServeOptions extends CommonOptions {
  /** The port; undefined: the environment variable PORT, else 8080. */
  port?: number;
  host: string;
  /** Seconds to wait for an embedded database that another process uses. */
  wait: number;
}

/** Time (ms) of the longest stop; the end of the process rolls open transactions back. */
const longestStop = 9_500;

/** Serves until a signal stops it. Returns the exit status. */
export async function serve(options: ServeOptions): Promise<number> {
  const signal = stopSignal();
  const account = await openAccount(options, signal);
  const { config, logger } = account;
  const address = { host: options.host, port: options.port ?? portOf(process.env["PORT"]) };
  loadMapping(config, undefined, () => {});
  let asked = await tryAccount(account);
  const unchecked = await refuseWhatPlanhatLacks(config);
  if (unchecked !== undefined) logger.warn(unchecked);
  const { Hono } = await import("hono");
  signal.addEventListener("abort", () => {
    setTimeout(() => process.exit((signal.reason as Stopped).exitStatus), longestStop).unref();
  });
  const database = await openDatabase(config.database, { signal, waitSeconds: options.wait });
  const told = new Set<string>();
  // Every event loads the mapping, so each of its warnings is logged only once.
  const warnOnce = (warning: string) => {
    if (!told.has(warning)) logger.warn(warning);
    told.add(warning);
  };
  try {
    if (asked !== undefined) await claimDatabase(database, asked);
    await database.shareConnections(serviceConnections);
    const jobs = await openJobQueue(database, (error) => logger.warn("Job queue failed.", { error: error.message }));
    try {
      const service: Service = {
        ...account,
        database,
        jobs,
        signal,
        address,
        loadMapping: (catalog, agrees) => loadMapping(config, catalog, warnOnce, agrees),
        async claim() {
          if (asked !== undefined) return;
          const found = await readAccount(account.client);
          await claimDatabase(database, found);
          asked = found;
        },
        openPlanhat: () => openPlanhat(config, logger, signal),
        routes: new Hono(),
        health: createHealth(),
        events: new EventEmitter(),
        credentials: [],
      };
      await runService(service, parts);
    } finally {
      await jobs.close();
    }
  } finally {
    await database.close();
  }
  return reportFailure(signal.reason);
}

/**
 * Requests the account. Throws if the token is refused; returns undefined if the API cannot be reached, because events
 * arrive in the meantime.
 */
async function tryAccount({ client, logger }: OpenAccount): Promise<Account | undefined> {
  try {
    return await readAccount(client);
  } catch (error) {
    if (!(error instanceof Failure) || error.remedy !== "retry") throw error;
    logger.warn("Pipedrive is unavailable and is tried again.", { error: error.message });
    return undefined;
  }
}

function portOf(text: string | undefined): number {
  if (text === undefined || text === "") return 8080;
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return Number(text);
  throw new Failure(
    "usage",
    `The environment variable PORT is ${JSON.stringify(text)}, and must be a port, 0 to 65535.`,
  );
}

/**
 * The components of the service in the order of their start. Handlers of requests start before the listener, and
 * components that must be reachable from outside start after it. They stop in reverse order, so that nothing new
 * arrives while the worker finishes. A component adds routes to `service.routes` and its check to `service.health`. It
 * requests runs with `service.jobs.requestSync`, and receives events and runs from `service.events`.
 */
export const parts: readonly StartPart[] = [
  startWorker,
  startSchedule,
  startMetrics,
  startAlerts,
  startControlRoutes,
  admitDeliveries,
  startListener,
  keepWebhook,
];
