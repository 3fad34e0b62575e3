import { openDatabase } from "../connector/database/open/open-database.ts";
import { packageRoot } from "../connector/package-root.ts";
import { type AccountServer, serveAccount } from "./account-server.ts";
import { type CopyFloor, copyFloor } from "./copy-floor.ts";
import { measuredRun, median } from "./measured-run.ts";
import { serverProcessorTime } from "./processor-time.ts";
import { type Figure, writeResults } from "./results.ts";
import { syncPlace } from "./sync-place.ts";

/**
 * Measures first syncs, each beside its floor, and a sync with nothing new after each. Arguments: sizes and databases
 * (`20000,100000:server server,embedded`), every size on every database, or on the one it names. A further `gzip` packs
 * the API's answers.
 */
type Kind = "server" | "embedded";

/** The minimum of every first sync: receive the account's bytes and parse them. */
interface ReceiveFloor {
  seconds: number;
  cpuSeconds: number;
  requests: number;
  megabytes: number;
  records: number;
}

/** The figures of one first sync, and of one with nothing new after it. */
interface SyncFigures {
  database: Kind;
  deals: number;
  records: number;
  rows: number;
  /** The size of the server's database on disk afterwards; undefined for the embedded one. */
  databaseMegabytes: number | undefined;
  seconds: number;
  cpuSeconds: number;
  /** Processor time of the Postgres server during the run; 0 with the embedded database, which is in the process. */
  serverCpuSeconds: number | undefined;
  peakMegabytes: number;
  requests: number;
  requestsAllowed: number;
  tokens: number;
  again: {
    seconds: number;
    cpuSeconds: number;
    requests: number;
    tokens: number;
    rowsWritten: number;
    peakMegabytes: number;
  };
  copy: CopyFloor;
  receive: ReceiveFloor;
  /** The rate as a part of that of COPY alone, and of COPY with receiving and parsing. */
  ofCopy: number;
  ofFloor: number;
  /** The rate by processor time, connector and server together, which other programs on the machine disturb less. */
  ofFloorByCpu: number | undefined;
}

const bin = `${packageRoot}dist/main.js`;
const sizes = (process.argv[2] ?? "20000,100000:server").split(",").map((word) => word.split(":"));
const kinds = (process.argv[3] ?? "server,embedded").split(",") as Kind[];
const gzip = process.argv.includes("gzip", 4);
/** The targets of a first sync, as parts of its floors' rates. */
const asked = { server: { copy: 1 / 3, floor: 0.6 }, embedded: { copy: undefined, floor: 0.4 } };

const specSeconds: number[] = [];
for (let run = 0; run < 15; run++) specSeconds.push((await measuredRun(process.execPath, [bin, "spec"])).seconds);
const spec = Math.round(median(specSeconds) * 1000);

const runs: SyncFigures[] = [];
for (const [size, only] of sizes) {
  const deals = Number(size);
  const account = await serveAccount(deals, gzip);
  try {
    for (const kind of kinds.filter((one) => only === undefined || only === one)) {
      runs.push(await benchSync(kind, deals, account));
      const { seconds, ofCopy, ofFloor, peakMegabytes } = runs.at(-1)!;
      process.stderr.write(
        `${deals} deals, ${kind}: ${seconds.toFixed(1)} s, ${ofCopy.toFixed(2)} of COPY, ${ofFloor.toFixed(2)} of the floor, ${peakMegabytes} MB\n`,
      );
    }
  } finally {
    account.stop();
  }
}
const figures: Figure[] = [
  { figure: "spec answers", measured: spec, unit: "ms", asked: { most: 150 } },
  ...runs.flatMap(figuresOf),
  ...kinds.flatMap(memoryGrowth),
];
writeResults("sync", figures, { gzip, runs });

async function benchSync(kind: Kind, deals: number, account: AccountServer): Promise<SyncFigures> {
  const place = await syncPlace(account, kind);
  try {
    const before = await serverTime(kind, place.location);
    const first = await place.sync();
    const after = await serverTime(kind, place.location);
    const serverCpuSeconds = before === undefined || after === undefined ? undefined : after - before;
    const again = await place.sync();
    const size = kind === "embedded" ? undefined : await databaseMegabytes(place.location);
    const receive = await receiveFloor(account);
    const copy = await copyFloor(kind, place.location);
    const read = Object.values(first.summary.streams).map((stream) => stream.read);
    return {
      database: kind,
      deals,
      records: sum(read),
      rows: sum(Object.values(first.summary.models).map(({ created }) => created)),
      databaseMegabytes: size,
      seconds: first.seconds,
      cpuSeconds: first.cpuSeconds,
      serverCpuSeconds,
      peakMegabytes: first.peakMegabytes,
      requests: first.summary.requests.count,
      requestsAllowed: 15 + sum(read.map((records) => Math.ceil(records / 500))),
      tokens: first.summary.requests.tokens,
      again: {
        seconds: again.seconds,
        cpuSeconds: again.cpuSeconds,
        requests: again.summary.requests.count,
        tokens: again.summary.requests.tokens,
        rowsWritten: sum(Object.values(again.summary.models).map(({ created, updated }) => created + updated)),
        peakMegabytes: again.peakMegabytes,
      },
      copy,
      receive,
      ofCopy: copy.seconds / first.seconds,
      ofFloor: (copy.seconds + receive.seconds) / first.seconds,
      ofFloorByCpu:
        copy.cpuSeconds === undefined || serverCpuSeconds === undefined
          ? undefined
          : (copy.cpuSeconds + receive.cpuSeconds) / (first.cpuSeconds + serverCpuSeconds),
    };
  } finally {
    await place.remove();
  }
}

async function receiveFloor(account: { url: string; token: string }): Promise<ReceiveFloor> {
  const program = `${packageRoot}bench/receive-floor.ts`;
  const run = await measuredRun(process.execPath, ["--import", "tsx", program, account.url, account.token]);
  if (run.status !== 0) throw new Error(`receiving failed: ${run.stderr}`);
  return JSON.parse(run.stdout) as ReceiveFloor;
}

async function databaseMegabytes(location: string): Promise<number> {
  const database = await openDatabase(location);
  try {
    const [row] = await database.query<{ size: string }>("select pg_database_size(current_database()) as size");
    return Number(row!.size) / 1e6;
  } finally {
    await database.close();
  }
}

async function serverTime(kind: Kind, location: string): Promise<number | undefined> {
  return kind === "embedded" ? 0 : serverProcessorTime(location);
}

function figuresOf(run: SyncFigures): Figure[] {
  const { database, deals, again, copy, receive } = run;
  const name = `${deals.toLocaleString("en-US")} deals, ${database}`;
  const limits = asked[database];
  const unit = "of its rate";
  return [
    {
      figure: `first sync, ${name}`,
      measured: run.seconds,
      unit: "s",
      cpuSeconds: run.cpuSeconds,
      megabytes: run.peakMegabytes,
      requests: run.requests,
      tokens: run.tokens,
    },
    {
      figure: `- beside COPY of the same ${copy.rows.toLocaleString("en-US")} rows (${copy.seconds.toFixed(1)} s)`,
      measured: run.ofCopy,
      unit,
      ...(limits.copy === undefined ? {} : { asked: { least: limits.copy } }),
    },
    {
      figure: `- beside the floor: COPY, and receiving and parsing (${receive.seconds.toFixed(1)} s)`,
      measured: run.ofFloor,
      unit,
      asked: { least: limits.floor },
    },
    ...(run.ofFloorByCpu === undefined
      ? []
      : [
          {
            figure: "- the same by processor time",
            measured: run.ofFloorByCpu,
            unit,
            cpuSeconds: run.cpuSeconds + (run.serverCpuSeconds ?? 0),
          },
        ]),
    { figure: "- its requests", measured: run.requests, unit: "requests", asked: { most: run.requestsAllowed } },
    { figure: "- its memory", measured: run.peakMegabytes, unit: "MB", asked: { most: 300 } },
    {
      figure: "- again, with nothing new",
      measured: again.cpuSeconds,
      unit: "s of CPU",
      asked: { most: 1 },
      megabytes: again.peakMegabytes,
      requests: again.requests,
      tokens: again.tokens,
    },
    { figure: "- again: rows written", measured: again.rowsWritten, unit: "rows", asked: { most: 0 } },
  ];
}

/** Returns the extra memory of the largest account against one a tenth of its size, if both were measured. */
function memoryGrowth(kind: Kind): Figure[] {
  const largest = runs.filter(({ database }) => database === kind).at(-1);
  const tenth = runs.find(({ database, deals }) => database === kind && deals * 10 === largest?.deals);
  if (largest === undefined || tenth === undefined) return [];
  return [
    {
      figure: `memory at ${largest.deals.toLocaleString("en-US")} deals beside that at a tenth, ${kind}`,
      measured: largest.peakMegabytes / tenth.peakMegabytes,
      unit: "times as much",
      asked: { most: 1.1 },
    },
  ];
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
