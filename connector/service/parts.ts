import { startControlRoutes } from "./control-routes.ts";
import { admitDeliveries, keepWebhook } from "./keep-webhook.ts";
import { startListener } from "./listener.ts";
import { startMetrics } from "./metrics.ts";
import { startSchedule } from "./schedule.ts";
import type { StartPart } from "./service.ts";
import { startWorker } from "./work.ts";

/**
 * The parts of the service in the order of their start: what answers requests is there before the listener, and what
 * needs to be reached from outside comes after it. They are stopped in reverse order, so that nothing new comes in
 * while the worker ends what it has begun. A part adds its routes to `service.routes`, its check to `service.health`,
 * asks for runs with `service.jobs.requestSync`, and hears of events and runs from `service.events`.
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
