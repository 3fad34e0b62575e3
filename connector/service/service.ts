import type { EventEmitter } from "node:events";
import type { Hono } from "hono";
import type { Logger } from "winston";
import type { Config } from "../config/config.ts";
import type { Database } from "../database/database.ts";
import type { Budget } from "../pipedrive/budget.ts";
import type { Client } from "../pipedrive/client.ts";
import type { PlanhatConnection } from "../sync/run-context.ts";
import type { LoadMapping } from "../sync/runs/refresh-catalog.ts";
import type { Health } from "./health.ts";
import type { JobQueue } from "./job-queue.ts";
import type { FinishedRun } from "./work.ts";

/** What parts of the service tell each other, mostly for the metrics. */
export interface ServiceEvents {
  /** Deliveries of Pipedrive were answered, and so many events of them stored; others were not meant for us. */
  received: [counts: { received: number; stored: number }];
  /** There are jobs to be done. */
  work: [];
  /** A part cannot go on, and the service ends with this. */
  broken: [error: unknown];
  /** A request to the webhook was turned away with this HTTP status. */
  refused: [status: number];
  /** Any other request was turned away that is no request a route could answer, or it failed (500). */
  turnedAway: [status: number];
  /** A run has ended, well or not. */
  run: [run: FinishedRun];
}

/** A user name and a password that Pipedrive may send with its deliveries (basic authentication). */
export interface Credentials {
  username: string;
  password: string;
}

/** What `serve` is made of while it runs: each part finds here what it needs, and leaves what others need of it. */
export interface Service {
  readonly config: Config;
  readonly database: Database;
  readonly client: Client;
  readonly budget: Budget;
  readonly logger: Logger;
  /** Aborted when the process is told to stop. */
  readonly signal: AbortSignal;
  /** Where the listener is to be, and where it is once it listens (port 0 takes a free one). */
  readonly address: { host: string; port: number };
  /** Compiles the mapping files as they are now. */
  loadMapping: LoadMapping;
  /** Makes sure that the database is that of the account, which could not be asked at the start; throws where it is not. */
  claim(): Promise<void>;
  /** Connects to Planhat's API where the config names it, for one run. */
  openPlanhat(): Promise<{ planhat?: PlanhatConnection }>;
  /** Work to be done by one of the processes on the database, durable and retried. */
  readonly jobs: JobQueue;
  /** Answers everything but the deliveries of webhooks. Routes are added before the listener starts. */
  readonly routes: Hono;
  readonly health: Health;
  readonly events: EventEmitter<ServiceEvents>;
  /** Who may deliver events; empty: nobody. It may change at any time. */
  credentials: readonly Credentials[];
}

/** Ends a part; called once, in the reverse order of the starts. */
export type StopPart = () => Promise<void> | void;

/** Starts a part of the service; what it returns stops it. What it throws ends the service. */
export type StartPart = (service: Service) => Promise<StopPart | undefined>;

/**
 * Starts the parts in order, lets them serve until the signal is aborted, and stops them in reverse order. Throws what
 * a start threw, or what broke a part, once the others are stopped.
 */
export async function runService(service: Service, parts: readonly StartPart[]): Promise<void> {
  const stops: StopPart[] = [];
  const ended = new Promise<void>((resolve, reject) => {
    service.events.once("broken", reject);
    if (service.signal.aborted) resolve();
    else service.signal.addEventListener("abort", () => resolve(), { once: true });
  });
  // It may end before anyone waits for it.
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
        service.logger.error(`A part of the service did not stop well: ${(error as Error).message}`);
      }
    }
  }
}
