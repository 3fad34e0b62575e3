import { startControlRoutes } from "./control-routes.ts";
import { startListener } from "./deliveries/listener.ts";
import { startSchedule } from "./jobs/schedule.ts";
import { startWorker } from "./jobs/work.ts";
import { startMetrics } from "./metrics.ts";
import type { StartPart } from "./service.ts";
import { admitDeliveries, keepWebhook } from "./webhook/keep-webhook.ts";

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
  startControlRoutes,
  admitDeliveries,
  startListener,
  keepWebhook,
];
