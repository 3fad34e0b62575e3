import { withLineage } from "../../alerts/with-lineage.ts";
import type { QueueName } from "../../database/tables/jobs.ts";
import type { StartedBy } from "../../database/tables/runs.ts";
import { Failure } from "../../failure.ts";
import { askingFor } from "../../pipedrive/account/asking-for.ts";
import { withBrake } from "../../sync/brake/brake-run.ts";
import type { Agreement, SyncOutcome, SyncRequest } from "../../sync/run-context.ts";
import { prepareRun, type RunMaterial } from "../../sync/runs/prepare-run.ts";
import { runEvents } from "../../sync/runs/run-events.ts";
import { runSync } from "../../sync/runs/run-sync.ts";
import { byCommand, withHistory } from "../../sync/runs/with-history.ts";
import type { FinishedRun, Service } from "../service.ts";
import type { EventJob, SyncJob, TakenJob } from "./jobs.ts";
import { logRun } from "./log-run.ts";

/** Executes all waiting events in one run. The caller holds the run lock. Throws failures that require a wait. */
export async function carryOutEvents(service: Service, signal: AbortSignal): Promise<void> {
  const taken = await service.jobs.takeEvents();
  if (taken.length === 0) return;
  const changed = taken.map(({ data }) => data);
  await carryOut(service, { queue: "events", jobs: taken, cause: "events" }, signal, (request) =>
    runEvents({ ...request, changed }),
  );
}

/** Executes all requested runs, identical ones once. The caller holds the run lock. */
export async function carryOutSyncs(service: Service, signal: AbortSignal): Promise<void> {
  const taken = await service.jobs.takeSyncs();
  const full = taken.some(({ data }) => data.mode === "full");
  const sweep = taken.some(({ data }) => data.mode === "sweep");
  const companies = taken.filter(({ data }) => data.mode === "company");
  const others = taken.filter(({ data }) => data.mode !== "company");
  if (others.length > 0) {
    const cause = full ? "full" : sweep ? "sweep" : "incremental";
    const work = { queue: "syncs", jobs: others, cause, whole: full || sweep } as const;
    await carryOut(service, work, signal, (request) => runSync({ ...request, full, sweep }));
  }
  // Run each company alone: one that Pipedrive does not know must not hold up the others.
  for (const [id, jobs] of byCompany(companies)) {
    const work = { queue: "syncs", jobs, cause: "company" } as const;
    const taking = jobs.flatMap(({ data }) => (data.mode === "company" ? (data.taking ?? []) : []));
    await carryOut(service, work, signal, (request) => runSync({ ...request, companies: [id], taking }));
  }
}

interface Work {
  queue: QueueName;
  jobs: readonly TakenJob<EventJob | SyncJob>[];
  cause: FinishedRun["cause"];
  /** True if it reads whole lists. */
  whole?: boolean;
}

async function carryOut(
  service: Service,
  { queue, jobs, cause, whole = false }: Work,
  signal: AbortSignal,
  run: (request: SyncRequest) => Promise<SyncOutcome>,
): Promise<void> {
  const { database, budget, config, events, logger } = service;
  let outcome: SyncOutcome;
  try {
    signal.throwIfAborted();
    const usageBefore = budget.usage();
    await service.claim();
    const agreement = agreementOf(jobs);
    const prepared = await prepareRun(agreeing(service, agreement), { whole });
    const client = askingFor(service.client, prepared.mapping.asked, (message) => service.logger.warn(message));
    const planhat = await service.openPlanhat();
    events.emit("begun");
    outcome = await run({
      onProgress: (progress) => void events.emit("progress", progress),
      database,
      client,
      budget,
      ...prepared,
      signal,
      onWarning: (message) => logger.warn(message),
      usageBefore,
      full: false,
      companies: [],
      followChanges: config.follow_changes,
      startDate: config.start_date,
      sending: { client, warn: (message) => logger.warn(message) },
      ...planhat,
      ...(agreement === undefined ? {} : { agreement }),
      ...withBrake(config.brake, { countsOnce: true, ...brakeAgreement(agreement) }),
      ...withHistory(config, startedBy(jobs)),
      ...withLineage(config, { warn: (message) => logger.warn(message), signal }),
    });
  } catch (error) {
    // The run did not start, so the jobs did not fail.
    if (!signal.aborted) events.emit("notBegun", error);
    await service.jobs.putBack(queue, jobs);
    throw error;
  }
  const finished: FinishedRun = { ...outcome, cause, latencies: queue === "events" ? latencies(jobs) : [] };
  logRun(logger, finished, jobs.length);
  // The changes of the jobs have landed and wait, with everything else, for consent.
  if (!("failure" in outcome) || outcome.summary.status === "held") await service.jobs.done(queue, jobs);
  else if (isToWaitFor(outcome.failure, queue, signal)) {
    await service.jobs.putBack(queue, jobs);
    events.emit("run", finished);
    throw outcome.failure;
  } else await service.jobs.failed(queue, jobs, outcome.failure);
  events.emit("run", finished);
}

/** Returns the consent of the people who asked for the run in the console; undefined if nobody gave one. */
function agreementOf(jobs: Work["jobs"]): Agreement | undefined {
  const given = jobs.flatMap(({ data }) => ("mode" in data && data.agreed !== undefined ? [data] : []));
  if (given.length === 0) return undefined;
  return { by: given.at(-1)!.user ?? "console", kinds: given.flatMap(({ agreed }) => agreed ?? []) };
}

/** Returns the part of a consent that passes the brake. */
function brakeAgreement(agreement: Agreement | undefined): { agreement?: Agreement } {
  const passes = agreement?.kinds?.some((kind) => kind === "brake" || kind === "brake_planhat") === true;
  return passes ? { agreement: agreement! } : {};
}

/** Returns the service for a run whose asker agreed that words which passed on mean the other thing. */
function agreeing(service: Service, agreement: Agreement | undefined): RunMaterial {
  if (agreement?.kinds?.includes("options") !== true) return service;
  return { ...service, loadMapping: (catalog) => service.loadMapping(catalog, () => true) };
}

/** Returns the starter of a run: events, a user, or the schedule. */
function startedBy(jobs: Work["jobs"]): StartedBy {
  const events = jobs.filter(({ data }) => "stream" in data).length;
  if (events > 0) return { by: "webhook", events };
  const asked = new Set(jobs.map(({ data }) => ("mode" in data ? data.by : undefined)));
  const user = jobs.flatMap(({ data }) => ("mode" in data && data.by === "console" ? [data.user ?? ""] : [])).at(-1);
  if (user !== undefined) return { by: "console", user };
  if (asked.has("post")) return { by: "post" };
  return asked.has(undefined) ? { by: "schedule" } : byCommand("serve");
}

/**
 * Returns whether a failure is not the job's own: the process stops, or the API, the budget or the database is
 * unavailable. An event never fails by itself in the API, so no outage uses up its tries.
 */
function isToWaitFor(failure: unknown, queue: QueueName, signal: AbortSignal): boolean {
  if (signal.aborted) return true;
  return failure instanceof Failure && (failure.kind !== "run" || queue === "events");
}

/** Returns how long each event has waited so far, in seconds. */
function latencies(jobs: Work["jobs"]): number[] {
  const now = Date.now();
  return jobs.flatMap(({ data }) => ("at" in data ? [(now - Date.parse(data.at)) / 1000] : []));
}

function byCompany(jobs: readonly TakenJob<SyncJob>[]): Map<number, TakenJob<SyncJob>[]> {
  const companies = new Map<number, TakenJob<SyncJob>[]>();
  for (const job of jobs) {
    if (job.data.mode !== "company") continue;
    const { company } = job.data;
    companies.set(company, [...(companies.get(company) ?? []), job]);
  }
  return companies;
}
