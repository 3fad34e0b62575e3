import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import type { FinishedRun, Service, StartPart } from "./service.ts";
import { readStanding, type Standing } from "./standing.ts";
import { within } from "./within.ts";

/**
 * Histogram buckets in seconds: an event becomes a row within seconds, or after the wait that the API or a budget
 * imposes.
 */
const latencyBuckets = [0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60, 300, 1800, 7200, 43_200, 86_400];
const durationBuckets = [0.1, 0.5, 1, 5, 15, 60, 300, 900, 3600, 14_400];

/**
 * Time (ms) that a scrape waits for the database, which a run may hold for a while; after it the last known numbers are
 * returned.
 */
const databasePatience = 2_000;

/**
 * Adds `GET /metrics`, in the text format of Prometheus. Labels are the connector's own words – queue, model, action,
 * stream, cause, status, condition, format, event, outcome – so their number is fixed and they contain no data.
 */
export const startMetrics: StartPart = async (service) => {
  const { routes, events, database, jobs } = service;
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  countEvents(service, registry);
  const observeRun = runMetrics(registry);
  events.on("run", observeRun);
  countAlerts(service, registry);
  spendings(service, registry);
  const show = standingMetrics(registry);
  routes.get("/metrics", async (context) => {
    const standing = await within(readStanding(database, jobs), databasePatience).catch(() => undefined);
    if (standing !== undefined) show(standing);
    return context.text(await registry.metrics(), 200, { "content-type": registry.contentType });
  });
  routes.all("/metrics", (context) => context.json({ error: "Use GET." }, 405, { allow: "GET" }));
  return () => registry.clear();
};

function countEvents({ events }: Service, registry: Registry): void {
  const registers = [registry];
  const received = new Counter({
    name: "pipedrive_planhat_events_received_total",
    help: "Deliveries of Pipedrive that were answered 2xx.",
    registers,
  });
  const stored = new Counter({
    name: "pipedrive_planhat_events_stored_total",
    help: "Events that were stored to be worked off; the others were not meant for a sync.",
    registers,
  });
  const refused = new Counter({
    name: "pipedrive_planhat_deliveries_refused_total",
    help: "Requests to the webhook that were turned away, by HTTP status.",
    labelNames: ["status"],
    registers,
  });
  const turnedAway = new Counter({
    name: "pipedrive_planhat_requests_turned_away_total",
    help: "Requests that no route could answer, and those that failed (500), by HTTP status.",
    labelNames: ["status"],
    registers,
  });
  events.on("turnedAway", (status) => turnedAway.inc({ status: String(status) }));
  events.on("received", (counts) => {
    received.inc(counts.received);
    stored.inc(counts.stored);
  });
  events.on("refused", (status) => refused.inc({ status: String(status) }));
}

function countAlerts({ events }: Service, registry: Registry): void {
  const sent = new Counter({
    name: "pipedrive_planhat_alert_messages_total",
    help: "Messages to alert channels, by format, event (begin, end) and whether the channel took them.",
    labelNames: ["format", "event", "outcome"],
    registers: [registry],
  });
  events.on("alert", ({ format, event, taken }) => sent.inc({ format, event, outcome: taken ? "taken" : "refused" }));
}

function runMetrics(registry: Registry): (run: FinishedRun) => void {
  const registers = [registry];
  const processed = new Counter({
    name: "pipedrive_planhat_events_processed_total",
    help: "Events that were worked off; several for one record count once.",
    registers,
  });
  const latency = new Histogram({
    name: "pipedrive_planhat_event_latency_seconds",
    help: "Time from an event's arrival to its rows.",
    buckets: latencyBuckets,
    registers,
  });
  const duration = new Histogram({
    name: "pipedrive_planhat_run_duration_seconds",
    help: "Duration of runs, by what they were for and how they ended.",
    labelNames: ["cause", "status"],
    buckets: durationBuckets,
    registers,
  });
  const rows = new Counter({
    name: "pipedrive_planhat_rows_total",
    help: "What became of rows, by model: created, updated, unchanged, rejected.",
    labelNames: ["model", "action"],
    registers,
  });
  return ({ cause, summary, failure, latencies }) => {
    duration.observe({ cause, status: summary.status }, summary.seconds);
    for (const [model, counts] of Object.entries(summary.models)) {
      const { created, updated, unchanged, rejected } = counts;
      for (const [action, count] of Object.entries({ created, updated, unchanged, rejected })) {
        if (count > 0) rows.inc({ model, action }, count);
      }
    }
    if (failure !== undefined) return;
    processed.inc(latencies.length);
    for (const seconds of latencies) latency.observe(seconds);
  };
}

/** Adds the counters of API usage by this process, and the tokens left for today. */
function spendings({ budget }: Service, registry: Registry): void {
  const registers = [registry];
  for (const [name, help, read] of [
    ["requests", "Requests to the Pipedrive API, retries included.", () => budget.usage().count],
    ["retries", "Requests to the Pipedrive API that were sent again.", () => budget.usage().retried],
    ["tokens", "API tokens that the requests cost by Pipedrive's price list.", () => budget.usage().tokens],
  ] as const) {
    new Counter({
      name: `pipedrive_planhat_api_${name}_total`,
      help,
      registers,
      collect() {
        this.reset();
        this.inc(read());
      },
    });
  }
  new Gauge({
    name: "pipedrive_planhat_api_tokens_left",
    help: "API tokens left today, as Pipedrive or daily_token_budget last said; absent as long as neither has.",
    registers,
    collect() {
      const left = budget.left();
      if (left === undefined) this.remove();
      else this.set(left);
    },
  });
}

/** Adds the gauges that each scrape reads from the database. */
function standingMetrics(registry: Registry): (standing: Standing) => void {
  const registers = [registry];
  const gauge = (name: string, help: string, labelNames: string[] = []) =>
    new Gauge({ name: `pipedrive_planhat_${name}`, help, labelNames, registers });
  const queue = gauge("queue_length", "Jobs that wait or are under way, and those given up, by queue.", ["queue"]);
  const pending = gauge("pending_records", "Records that are landed and not applied.");
  const rejections = gauge("rejections", "Records and fields that are rejected now.");
  const used = gauge("api_tokens_used_today", "API tokens used today (UTC) by all processes on the database.");
  const success = gauge("stream_last_success_timestamp_seconds", "When a stream was last read, in Unix time.", [
    "stream",
  ]);
  const alerts = gauge("alerts_active", "Conditions of alerts that last: channels that are told of each.", [
    "condition",
  ]);
  return (standing) => {
    alerts.reset();
    for (const [condition, channels] of standing.alerts) alerts.set({ condition }, channels);
    queue.set({ queue: "events" }, standing.jobs.events);
    queue.set({ queue: "syncs" }, standing.jobs.syncs);
    queue.set({ queue: "dead_letters" }, standing.jobs.deadLetters);
    pending.set(standing.pending);
    rejections.set(standing.rejections);
    used.set(standing.tokensToday);
    for (const [stream, at] of standing.lastRead) success.set({ stream }, Date.parse(at) / 1000);
  };
}
