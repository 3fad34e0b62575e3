import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir, totalmem } from "node:os";
import { join } from "node:path";
import { table } from "../connector/commands/table.ts";
import { packageRoot } from "../connector/package-root.ts";
import type { Summary } from "../connector/sync/summary.ts";
import { migratedLocation, removeLocation } from "../test/databases.ts";
import { serveAccount } from "./account-server.ts";
import { type CopyFloor, copyFloor } from "./copy-floor.ts";
import { measuredRun, median } from "./measured-run.ts";

/** What one first sync, and one with nothing new after it, came to. */
interface SyncFigures {
  database: "server" | "embedded";
  deals: number;
  records: number;
  rows: number;
  seconds: number;
  peakMegabytes: number;
  requests: number;
  requestsAllowed: number;
  again: { seconds: number; requests: number; rowsWritten: number; peakMegabytes: number };
  floor?: CopyFloor & { ratio: number; planhatRatio: number };
}

const bin = `${packageRoot}dist/main.js`;
/** Sizes and databases: as on the command line (`100000 server,embedded`), or what is asked of the project. */
const plan: { deals: number; kinds: SyncFigures["database"][] }[] =
  process.argv[2] === undefined
    ? [
        { deals: 10_000, kinds: ["server", "embedded"] },
        { deals: 100_000, kinds: ["server"] },
        { deals: 500_000, kinds: ["server"] },
      ]
    : process.argv[2].split(",").map((deals) => ({
        deals: Number(deals),
        kinds: (process.argv[3] ?? "server").split(",") as SyncFigures["database"][],
      }));

const specSeconds: number[] = [];
for (let run = 0; run < 15; run++) specSeconds.push((await measuredRun(process.execPath, [bin, "spec"])).seconds);
const spec = Math.round(median(specSeconds) * 1000);
process.stdout.write(`spec answers in ${spec} ms (median of ${specSeconds.length}; asked for: at most 150)\n`);

const figures: SyncFigures[] = [];
for (const { deals, kinds } of plan) {
  const account = await serveAccount(deals);
  try {
    for (const kind of kinds) {
      figures.push(await benchSync(kind, deals, account));
      show(figures.at(-1)!);
    }
  } finally {
    account.stop();
  }
}
const folder = `${packageRoot}bench/results`;
mkdirSync(folder, { recursive: true });
const machine = {
  node: process.version,
  cpus: cpus().length,
  model: cpus()[0]?.model,
  memoryGigabytes: Math.round(totalmem() / 2 ** 30),
};
writeFileSync(`${folder}/sync.json`, `${JSON.stringify({ machine, specMilliseconds: spec, figures }, null, 2)}\n`);

async function benchSync(
  kind: SyncFigures["database"],
  deals: number,
  account: { url: string; token: string },
): Promise<SyncFigures> {
  const place = mkdtempSync(join(tmpdir(), "pipedrive-planhat-bench-"));
  const location = await migratedLocation(kind);
  const empty = await migratedLocation(kind);
  try {
    const config = join(place, "config.json");
    writeFileSync(config, JSON.stringify({ company_url: account.url, api_token: account.token, database: location }), {
      mode: 0o600,
    });
    const first = await sync(config);
    const again = await sync(config);
    const records = Object.values(first.summary.streams).reduce((sum, { read }) => sum + read, 0);
    const figures: SyncFigures = {
      database: kind,
      deals,
      records,
      rows: Object.values(first.summary.models).reduce((sum, { created }) => sum + created, 0),
      seconds: first.seconds,
      peakMegabytes: first.peakMegabytes,
      requests: first.summary.requests.count,
      requestsAllowed: Object.values(first.summary.streams).reduce((sum, { read }) => sum + Math.ceil(read / 500), 15),
      again: {
        seconds: again.seconds,
        requests: again.summary.requests.count,
        rowsWritten: Object.values(again.summary.models).reduce(
          (sum, { created, updated }) => sum + created + updated,
          0,
        ),
        peakMegabytes: again.peakMegabytes,
      },
    };
    if (kind === "server") {
      const floor = await copyFloor(location, empty);
      const rate = floor.rows / figures.seconds / (floor.rows / floor.seconds);
      const planhatRate = floor.planhat.rows / figures.seconds / (floor.planhat.rows / floor.planhat.seconds);
      figures.floor = { ...floor, ratio: rate, planhatRatio: planhatRate };
    }
    return figures;
  } finally {
    await removeLocation(location);
    await removeLocation(empty);
    rmSync(place, { recursive: true, force: true });
  }
}

async function sync(config: string) {
  const run = await measuredRun(process.execPath, [bin, "sync", "--json", "--config", config, "--log-level", "warn"]);
  if (run.status !== 0) throw new Error(`sync failed: ${run.stderr}`);
  return { ...run, summary: JSON.parse(run.stdout) as Summary };
}

function show(one: SyncFigures): void {
  const lines = table([
    [`first sync of ${one.deals} deals, ${one.database}`, ""],
    ["records read, rows created", `${one.records}, ${one.rows}`],
    ["seconds, records/s", `${one.seconds.toFixed(1)}, ${Math.round(one.records / one.seconds)}`],
    ["peak memory", `${one.peakMegabytes} MB`],
    ["requests (allowed)", `${one.requests} (${one.requestsAllowed})`],
    [
      "again, nothing new: seconds, requests, rows written",
      `${one.again.seconds.toFixed(1)}, ${one.again.requests}, ${one.again.rowsWritten}`,
    ],
    ...(one.floor === undefined
      ? []
      : [
          [
            "floor: psql \\copy of the same rows into the same tables",
            `${one.floor.seconds.toFixed(1)} s, ${one.floor.rows} rows, ${Math.round(one.floor.megabytes)} MB`,
          ],
          ["rate as a part of the floor's", one.floor.ratio.toFixed(2)],
          ["the same against the Planhat tables alone", one.floor.planhatRatio.toFixed(2)],
        ]),
  ]);
  process.stdout.write(`\n${lines.join("\n")}\n`);
}
