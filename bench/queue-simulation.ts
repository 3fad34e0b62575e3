import { table } from "../connector/commands/terminal/table.ts";
import { type QueueOutcome, simulateQueue, timesLike } from "./queue.ts";
import { readResults, writeResults } from "./results.ts";

/**
 * Estimates the workers that an account of 50 million records would need. It simulates the queue of `serve` with one to
 * sixteen parallel workers, one organization's events in order. Service times are measured ones
 * (bench/results/serve.json, incremental.json). Arguments: the number of records and the part that changes within a
 * day.
 */
const records = Number(process.argv[2] ?? 50_000_000);
const changeRate = Number(process.argv[3] ?? 0.01);
/** The proportions of the invented account: for each deal a fifth of an organization, and so on. */
const deals = records / 2.2;
const organizations = Math.round(deals / 5);
/** Changes a second in office hours; a second load has ten times as many, as in an hour with an import. */
const usual = (deals * changeRate) / (10 * 3_600);
const loads = [
  { name: "usual", arrivalsPerSecond: usual },
  { name: "ten times as much", arrivalsPerSecond: usual * 10 },
];

/** The service time of one event: in a run of its own, as `serve` runs it on a quiet day, or in a batch. */
const ways = [
  { name: "a run for each event", ...timesOfOneEvent() },
  { name: "applied in batches", ...timesInBatches() },
];
const rows: { way: string; load: string; workers: number; outcome: QueueOutcome }[] = [];
for (const way of ways) {
  for (const load of loads) {
    for (let workers = 1; workers <= 16; workers++) {
      const outcome = simulate(way, load.arrivalsPerSecond, workers);
      rows.push({ way: way.name, load: load.name, workers, outcome });
    }
  }
}
const heads = ["an event", "load", "workers", "busy", "waits, median", "p99", "backlog after an hour"];
process.stdout.write(
  `${table([
    heads,
    ...rows.map(({ way, load, workers, outcome: { utilisation, waiting, backlog } }) => [
      way,
      load,
      String(workers),
      `${Math.round(utilisation * 100)} %`,
      `${waiting.median.toFixed(3)} s`,
      `${waiting.p99.toFixed(3)} s`,
      backlog.toLocaleString("en-US"),
    ]),
  ]).join("\n")}\n\n`,
);
writeResults(
  "queue-simulation",
  [
    ...ways.flatMap((way) =>
      loads.map((load) => ({
        figure: `workers for 99 of 100 events to wait at most 1 s: ${way.name}, ${load.arrivalsPerSecond.toFixed(1)} events/s`,
        measured: leastWorkers(way, load.arrivalsPerSecond),
        unit: "workers",
      })),
    ),
    {
      figure: "events that one worker keeps up with when all that wait are one run",
      measured: 1 / ways[1]!.median,
      unit: "events/s",
    },
  ],
  { records, changeRate, loads, ways: ways.map(({ name, median, p99 }) => ({ name, median, p99 })), rows },
);

function simulate(way: { median: number; p99: number }, arrivalsPerSecond: number, workers: number): QueueOutcome {
  return simulateQueue({
    arrivalsPerSecond,
    organizations,
    busiest: 0.001,
    workers,
    seconds: 3_600,
    serviceTime: timesLike(way.median, way.p99),
    seed: 1,
  });
}

function leastWorkers(way: { median: number; p99: number }, arrivalsPerSecond: number): number {
  let workers = 1;
  while (simulate(way, arrivalsPerSecond, workers).waiting.p99 > 1) workers += 1;
  return workers;
}

/**
 * Returns the time from an event's answer to its row, at the lowest rate measured, where hardly any event waits for
 * another.
 */
function timesOfOneEvent(): { median: number; p99: number } {
  interface ServeDetails {
    figures: { database: string; rate: number; row: { median: number; p99: number } }[];
  }
  const figures = needed<ServeDetails>("serve").figures.filter(({ database }) => database === "server");
  const { row } = figures.reduce((least, one) => (one.rate < least.rate ? one : least));
  return { median: row.median / 1000, p99: row.p99 / 1000 };
}

/**
 * Returns the time that a changed deal adds to a sync, with its organization, persons and notes; spread like single
 * events.
 */
function timesInBatches(): { median: number; p99: number } {
  interface IncrementalDetails {
    large: { seconds: number[]; read: number; nothingNew: { seconds: number } };
  }
  const { seconds, read, nothingNew } = needed<IncrementalDetails>("incremental").large;
  const sorted = [...seconds].sort((one, other) => one - other);
  const each = (sorted[Math.floor(sorted.length / 2)]! - nothingNew.seconds) / read;
  const { median, p99 } = timesOfOneEvent();
  return { median: each, p99: each * (p99 / median) };
}

function needed<Details>(name: string): Details {
  const results = readResults<Details>(name);
  if (results?.details === undefined) throw new Error(`Run bench/${name}.ts first: its times are what is simulated.`);
  return results.details;
}
