import { Failure } from "../../failure.ts";
import { startAlerts } from "../../service/alerts.ts";
import { startControlRoutes } from "../../service/control-routes.ts";
import { startListener } from "../../service/deliveries/listener.ts";
import { startSchedule } from "../../service/jobs/schedule.ts";
import { startWorker } from "../../service/jobs/work.ts";
import { startMetrics } from "../../service/metrics.ts";
import { runService, type StartPart } from "../../service/service.ts";
import { admitDeliveries, keepWebhook } from "../../service/webhook/keep-webhook.ts";
import type { CommonOptions } from "../common-options.ts";
import { openAccount } from "../opening/with-account.ts";
import { reportFailure } from "../terminal/report-failure.ts";
import { type Stopped, stopSignal } from "../terminal/stop-signal.ts";
import { withService } from "./with-service.ts";

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
  const address = { host: options.host, port: options.port ?? portOf(process.env["PORT"]) };
  signal.addEventListener("abort", () => {
    setTimeout(() => process.exit((signal.reason as Stopped).exitStatus), longestStop).unref();
  });
  await withService(account, { address, signal, wait: options.wait }, (service) =>
    runService(service, [startConsole(options.config), ...parts]),
  );
  return reportFailure(signal.reason);
}

/** Returns the part that adds the console, for a config that names people; only then its code is loaded. */
function startConsole(configFile: string): StartPart {
  return async (service) => {
    const { console } = service.config;
    if (console?.users === undefined || console.users.length === 0) return undefined;
    const { startConsole: start } = await import("../../console/start-console.ts");
    return start(service, configFile, console);
  };
}

/** Returns the port in the environment variable PORT; 8080 without one. */
export function portOf(text: string | undefined): number {
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
