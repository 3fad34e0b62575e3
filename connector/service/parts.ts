import { startControlRoutes } from "./control-routes.ts";
import { admitDeliveries, keepWebhook } from "./keep-webhook.ts";
import { startListener } from "./listener.ts";
import { startMetrics } from "./metrics.ts";
import { startSchedule } from "./schedule.ts";
import type { StartPart } from "./service.ts";
import { startWorker } from "./work.ts";

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
