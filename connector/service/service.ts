import type { EventEmitter } from "node:events";
import type { Hono } from "hono";
import type { Logger } from "winston";
import type { WebhookState } from "../alerts/judge.ts";
import type { Config } from "../config/config.ts";
import type { Database } from "../database/database.ts";
import type { Budget } from "../pipedrive/client/budget.ts";
import type { Client } from "../pipedrive/client/client.ts";
import type { PlanhatConnection, Progress } from "../sync/run-context.ts";
import type { LoadMapping } from "../sync/runs/refresh-catalog.ts";
import type { Summary } from "../sync/summary.ts";
import type { Health } from "./health.ts";
import type { JobQueue } from "./jobs/job-queue.ts";

/** The events between components of the service, mostly for the metrics. */
export interface ServiceEvents {
  /** Deliveries of Pipedrive were answered, and this many of their events stored; the others were not wanted. */
  received: [counts: { received: number; stored: number }];
  /** Jobs are waiting. */
  work: [];
  /** A component cannot continue; the service ends with this error. */
  broken: [error: unknown];
  /** A request to the webhook was refused with this HTTP status. */
  refused: [status: number];
  /** Another request was refused because no route could answer it, or it failed (500). */
  turnedAway: [status: number];
  /** A run has ended, successfully or not. */
  run: [run: FinishedRun];
  /** A run is about to begin. */
  begun: [];
  /** The progress of a run of this process. */
  progress: [progress: Progress];
  /** A run could not begin. */
  notBegun: [error: unknown];
  /** The connector's webhook was looked after. */
  webhook: [state: WebhookState];
  /** A message was sent to an alert channel, which took it or not. */
  alert: [sent: { format: string; event: string; taken: boolean }];
}

/** A user name and a password that Pipedrive may send with its deliveries (basic authentication). */
export interface Credentials {
  username: string;
  password: string;
}

/** The state that the components of `serve` share: each takes what it needs and adds what others need. */
export interface Service {
  readonly config: Config;
  readonly database: Database;
  readonly client: Client;
  readonly budget: Budget;
  readonly logger: Logger;
  /** Aborted when the process is asked to stop. */
  readonly signal: AbortSignal;
  /** The address to listen on, and the actual one once it listens (port 0 takes a free one). */
  readonly address: { host: string; port: number };
  /** Compiles the current mapping files. */
  loadMapping: LoadMapping;
  /** Checks that the database belongs to the account, which was not reachable at the start; throws if it does not. */
  claim(): Promise<void>;
  /** Connects to Planhat's API for one run, if the config names it. */
  openPlanhat(): Promise<{ planhat?: PlanhatConnection }>;
  /** The durable, retried work of all processes on the database. */
  readonly jobs: JobQueue;
  /** The routes for all requests except deliveries. They are added before the listener starts. */
  readonly routes: Hono;
  /** The path of the console among them; undefined: there is none. */
  consolePath?: string;
  readonly health: Health;
  readonly events: EventEmitter<ServiceEvents>;
  /** The credentials that may deliver events; empty: no delivery is accepted. It may change at any time. */
  credentials: readonly Credentials[];
}

/** Stops a component; called once, in the reverse order of the starts. */
export type StopPart = () => Promise<void> | void;

/** Starts a component of the service and returns the function that stops it. An error ends the service. */
export type StartPart = (service: Service) => Promise<StopPart | undefined>;

/**
 * Starts the components in order, waits until the signal is aborted, and stops them in reverse order. Throws the error
 * of a start or of a broken component, after the others are stopped.
 */
export async function runService(service: Service, parts: readonly StartPart[]): Promise<void> {
  const stops: StopPart[] = [];
  const ended = new Promise<void>((resolve, reject) => {
    service.events.once("broken", reject);
    if (service.signal.aborted) resolve();
    else service.signal.addEventListener("abort", () => resolve(), { once: true });
  });
  // It may reject before it is awaited, which would end the process.
  ended.catch(() => undefined);
  try {
    for (const start of parts) {
      if (service.signal.aborted) break;
      const stop = await start(service);
      if (stop !== undefined) stops.unshift(stop);
    }
    await ended;
  } finally {
    for (const stop of stops) {
      try {
        await stop();
      } catch (error) {
        service.logger.error("A component failed to stop.", { error: (error as Error).message });
      }
    }
  }
}

/** A run of the service that has ended. */
export interface FinishedRun {
  /** Its cause. */
  cause: "events" | "incremental" | "full" | "sweep" | "company";
  summary: Summary;
  failure?: unknown;
  /** The wait of each of its events until the rows were there, in seconds. */
  latencies: number[];
}
