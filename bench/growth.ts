import { writeFileSync } from "node:fs";
import { packageRoot } from "../connector/package-root.ts";
import type { DatabaseKind } from "../test/databases.ts";
import { serveAccount } from "./account-server.ts";
import { logPlot, type Series } from "./log-plot.ts";
import { serverProcessorTime } from "./processor-time.ts";
import { readResults, writeResults } from "./results.ts";
import { syncPlace } from "./sync-place.ts";

/**
 * Measures first syncs of ever larger accounts, and a sync with nothing new after each: time, memory and requests, as
 * figures and as plots. Arguments: sizes and databases (`1000,10000,100000 server,embedded`). Other sizes come from the
 * last results of bench/run.ts or of this, so that the largest can be measured alone.
 */
const sizes = (process.argv[2] ?? "1000,10000,100000").split(",").map(Number);
const kinds = (process.argv[3] ?? "server").split(",") as DatabaseKind[];

/** One account, on one database. */
interface Point {
  database: DatabaseKind;
  deals: number;
  /** Records of all streams. */
  records: number;
  seconds: number;
  cpuSeconds: number;
  /** Processor time of the Postgres server during the run; 0 with the embedded database. */
  serverCpuSeconds: number | undefined;
  megabytes: number;
  requests: number;
  tokens: number;
  again: { seconds: number; cpuSeconds: number; megabytes: number; requests: number };
}

const points: Point[] = [];
for (const one of [...syncRuns(), ...(readResults<{ points: Point[] }>("growth")?.details?.points ?? [])]) {
  const isNew = !(sizes.includes(one.deals) && kinds.includes(one.database));
  if (isNew && !points.some(({ deals, database }) => deals === one.deals && database === one.database))
    points.push(one);
}
for (const deals of sizes) {
  const account = await serveAccount(deals);
  try {
    for (const database of kinds) {
      points.push(await measure(database, deals, account));
      process.stderr.write(`${deals} deals, ${database}: ${points.at(-1)!.seconds.toFixed(1)} s\n`);
    }
  } finally {
    account.stop();
  }
}
points.sort((one, other) => one.database.localeCompare(other.database) || one.deals - other.deals);
const plots = {
  time: {
    title: "Time of a sync",
    y: "seconds",
    series: both(
      (point) => point.seconds,
      (point) => point.again.seconds,
    ),
  },
  "processor-time": {
    title: "Processor time of a sync, connector and server",
    y: "seconds",
    series: both(
      (point) => point.cpuSeconds + (point.serverCpuSeconds ?? 0),
      (point) => point.again.cpuSeconds,
    ),
  },
  memory: {
    title: "Largest memory of a sync",
    y: "MB",
    series: both(
      (point) => point.megabytes,
      (point) => point.again.megabytes,
    ),
  },
  requests: {
    title: "Requests of a sync",
    y: "requests",
    series: both(
      (point) => point.requests,
      (point) => point.again.requests,
    ),
  },
};
for (const [name, plot] of Object.entries(plots)) {
  writeFileSync(`${packageRoot}bench/results/growth-${name}.svg`, logPlot({ ...plot, x: "deals" }));
}
writeResults(
  "growth",
  points.map(({ database, deals, records, seconds, cpuSeconds, megabytes, requests, tokens }) => ({
    figure: `first sync of ${deals.toLocaleString("en-US")} deals, ${database}`,
    measured: records / seconds,
    unit: "records/s",
    cpuSeconds,
    megabytes,
    requests,
    tokens,
  })),
  { points },
);

async function measure(database: DatabaseKind, deals: number, account: { url: string; token: string }): Promise<Point> {
  const place = await syncPlace(account, database);
  try {
    const before = await serverTime(database, place.location);
    const first = await place.sync();
    const after = await serverTime(database, place.location);
    const again = await place.sync();
    return {
      database,
      deals,
      records: Object.values(first.summary.streams).reduce((sum, { read }) => sum + read, 0),
      seconds: first.seconds,
      cpuSeconds: first.cpuSeconds,
      serverCpuSeconds: before === undefined || after === undefined ? undefined : after - before,
      megabytes: first.peakMegabytes,
      requests: first.summary.requests.count,
      tokens: first.summary.requests.tokens,
      again: {
        seconds: again.seconds,
        cpuSeconds: again.cpuSeconds,
        megabytes: again.peakMegabytes,
        requests: again.summary.requests.count,
      },
    };
  } finally {
    await place.remove();
  }
}

async function serverTime(database: DatabaseKind, location: string): Promise<number | undefined> {
  return database === "embedded" ? 0 : serverProcessorTime(location);
}

/** Returns the first syncs that bench/run.ts measured. */
function syncRuns(): Point[] {
  type Run = Omit<Point, "megabytes" | "again"> & {
    peakMegabytes: number;
    again: Omit<Point["again"], "megabytes"> & { peakMegabytes: number };
  };
  const runs = readResults<{ runs: Run[] }>("sync")?.details?.runs ?? [];
  return runs.map(({ database, deals, records, seconds, cpuSeconds, serverCpuSeconds, requests, tokens, ...run }) => ({
    ...{ database, deals, records, seconds, cpuSeconds, serverCpuSeconds, requests, tokens },
    megabytes: run.peakMegabytes,
    again: {
      seconds: run.again.seconds,
      cpuSeconds: run.again.cpuSeconds,
      megabytes: run.again.peakMegabytes,
      requests: run.again.requests,
    },
  }));
}

/** Returns for each database a line for first syncs and one for those with nothing new. */
function both(first: (point: Point) => number, again: (point: Point) => number): Series[] {
  return (["server", "embedded"] as const).flatMap((database) => {
    const ours = points.filter((point) => point.database === database);
    if (ours.length === 0) return [];
    const lineOf = (name: string, y: (point: Point) => number): Series => ({
      name: `${name}, ${database}`,
      points: ours.map((point) => ({ x: point.deals, y: y(point) })),
    });
    return [lineOf("first", first), lineOf("nothing new", again)];
  });
}
