import { fork } from "node:child_process";
import { on } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort, startServe, unsubscribe, webhookConfig } from "../test/running-service.ts";
import { sandboxSync } from "../test/sandbox-sync.ts";
import { type Figure, writeResults } from "./results.ts";

/** The figures of events at one rate. Times in milliseconds. */
interface ServeFigures {
  database: "server" | "embedded";
  /** Events a second. */
  rate: number;
  events: number;
  /** Events without an answer, or with one other than 2xx. */
  refused: number;
  /** From the first byte sent to the answer. */
  answered: { median: number; p99: number };
  /** From the answer to the committed row: per event the median of the waits in its run, for p99 the longest. */
  row: { median: number; p99: number };
  requestsPerEvent: number;
  tokensPerEvent: number;
}

/** A run as its log line reports it. */
interface LoggedRun {
  cause?: string;
  jobs: number;
  median_wait?: number;
  longest_wait?: number;
}

/**
 * Rates, databases and seconds from the command line (`1,20,100 server,embedded 10`); by default the project's targets.
 */
const rates = (process.argv[2] ?? "0.2,1,20,100,200").split(",").map(Number);
const kinds = (process.argv[3] ?? "server,embedded").split(",") as ServeFigures["database"][];
const seconds = Number(process.argv[4] ?? 10);

const figures: ServeFigures[] = [];
for (const kind of kinds) {
  const setting = await sandboxSync(kind, {
    organizations: 200,
    persons: 500,
    deals: 500,
    notes: 800,
    burstLimit: 100_000,
    dailyTokens: 1e9,
  });
  const port = await freePort();
  setting.configure(webhookConfig(port));
  await setting.sync();
  const service = await startServe(setting, port, ["--log-format", "json"]);
  await unsubscribe(setting);
  const deliveries = startDeliveries(port);
  for (const rate of rates) figures.push(await measure(kind, rate));
  deliveries.end();
  await service.end();
  await setting.close();

  async function measure(database: ServeFigures["database"], rate: number): Promise<ServeFigures> {
    const { store, requests } = setting.sandbox;
    const deals = store
      .find("deals", () => true)
      .filter((deal) => deal["status"] === "won" && deal["is_deleted"] !== true)
      .map(({ id }) => id as number);
    // The first event after a rest may read the account's fields, which is not part of an event's cost.
    const first = deliveries.answers(1);
    deliveries.send(deals[0]!);
    await first;
    await service.settled();
    // The next one after it would wait for the pace of runs.
    await sleep(2_500);
    requests.reset();
    const logged = service.log().length;
    const events = Math.max(5, Math.round(rate * seconds));
    const answers = deliveries.answers(events);
    const started = performance.now();
    for (let index = 0; index < events; index++) {
      const due = started + (index / rate) * 1000 - performance.now();
      if (due > 1) await sleep(due);
      const id = deals[index % deals.length]!;
      store.update("deals", id, { value: 1_000 * rate + index });
      deliveries.send(id);
    }
    const times = await answers;
    await service.settled();
    await sleep(200);
    const runs = service
      .log()
      .slice(logged)
      .split("\n")
      .filter((line) => line.startsWith("{"))
      .map((line) => JSON.parse(line) as LoggedRun)
      .filter(({ cause }) => cause === "events");
    const waits = (which: "median_wait" | "longest_wait") =>
      runs.flatMap((run) => Array<number>(run.jobs).fill((run[which] ?? Number.NaN) * 1000));
    const good = times.filter((time) => time >= 0);
    return {
      database,
      rate,
      events,
      refused: times.length - good.length,
      answered: { median: percentile(good, 50), p99: percentile(good, 99) },
      row: { median: percentile(waits("median_wait"), 50), p99: percentile(waits("longest_wait"), 99) },
      requestsPerEvent: Math.round((requests.count / events) * 100) / 100,
      tokensPerEvent: Math.round((requests.tokens / events) * 100) / 100,
    };
  }
}

writeResults("serve", figures.flatMap(linesOf), { seconds, figures });
process.exit(0);

function linesOf({ database, rate, events, answered, row, ...of }: ServeFigures): Figure[] {
  const at = `at ${rate} events/s, ${database}`;
  return [
    {
      figure: `2xx ${at}: 99th percentile (median ${answered.median})`,
      measured: answered.p99,
      unit: "ms",
      asked: { most: 100 },
    },
    { figure: `refused ${at}`, measured: of.refused, unit: `of ${events}`, asked: { most: 0 } },
    {
      figure: `row ${at}: median (99th percentile ${row.p99})`,
      measured: row.median,
      unit: "ms",
      requests: of.requestsPerEvent * events,
      tokens: of.tokensPerEvent * events,
    },
    { figure: `API tokens an event ${at}`, measured: of.tokensPerEvent, unit: "tokens" },
  ];
}

/** Starts a process of its own that delivers to the port. */
function startDeliveries(port: number) {
  const child = fork(new URL("./deliver.ts", import.meta.url), [String(port)], { execArgv: ["--import", "tsx"] });
  return {
    /** Delivers an event. */
    send: (id: number) => child.send(id),
    /** Waits for `count` answers; returns the time of each, in milliseconds; -1 for one that was not 2xx. */
    async answers(count: number): Promise<number[]> {
      const times: number[] = [];
      for await (const [time] of on(child, "message")) if (times.push(time as number) === count) break;
      return times;
    },
    end: () => child.kill(),
  };
}

function percentile(numbers: readonly number[], part: number): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  return Math.round(sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * part) / 100))] ?? Number.NaN);
}
