import { execFile, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { packageRoot } from "../connector/package-root.ts";
import { serveAccount } from "./account-server.ts";
import { costSoFar, processCost } from "./measured-run.ts";
import { writeResults } from "./results.ts";

/**
 * Measures how fast `read` prints deals into a pipe, beside the floor of a process that receives the same pages and
 * parses them. It also measures its memory by the account's size, with which it must not grow. The collector has not
 * run within the first second, so the largest account is compared with the one before it. Argument: the sizes
 * (`20000,50000,200000`).
 */
const sizes = (process.argv[2] ?? "20000,50000,200000").split(",").map(Number);
const place = mkdtempSync(join(tmpdir(), "pipedrive-planhat-bench-"));
const bin = `${packageRoot}dist/main.js`;
const run = promisify(execFile);
const runs: (Awaited<ReturnType<typeof read>> & { floor: Awaited<ReturnType<typeof receive>> })[] = [];
for (const deals of sizes) {
  const account = await serveAccount(deals);
  try {
    const config = join(place, "config.json");
    writeFileSync(config, JSON.stringify({ company_url: account.url, api_token: account.token }), { mode: 0o600 });
    const floor = await receive(account);
    const catalog = await configuredCatalog(config);
    runs.push({ ...(await read(["read", "--config", config, "--catalog", catalog])), floor });
  } finally {
    account.stop();
  }
}
rmSync(place, { recursive: true, force: true });
writeResults(
  "read",
  [
    ...runs.flatMap(({ records, seconds, cpuSeconds, peakMegabytes, floor }, index) => [
      {
        figure: `read of ${sizes[index]!.toLocaleString("en-US")} deals to a pipe`,
        measured: records / seconds,
        unit: "records/s",
        ...(index === runs.length - 1 ? { asked: { least: 40_000 } } : {}),
        ratio: { of: "receiving and parsing", value: records / seconds / (floor.records / floor.seconds) },
        cpuSeconds,
        megabytes: peakMegabytes,
      },
      {
        figure: "- processor time from its first record on",
        measured: (1e6 * cpuSeconds) / records,
        unit: "µs a record",
        ratio: { of: "receiving and parsing", value: cpuSeconds / records / (floor.cpuSeconds / floor.records) },
      },
    ]),
    ...(runs.length < 2
      ? []
      : [
          {
            figure: "read: memory of the largest beside the one before it",
            measured: runs.at(-1)!.peakMegabytes / runs.at(-2)!.peakMegabytes,
            unit: "times as much",
            asked: { most: 1.1 },
          },
        ]),
  ],
  { runs },
);

/** Measures the floor of deals alone, in a process of its own. */
async function receive({ url, token }: { url: string; token: string }) {
  const program = `${packageRoot}bench/receive-floor.ts`;
  const { stdout } = await run(process.execPath, ["--import", "tsx", program, url, token, "deals"]);
  return JSON.parse(stdout) as { records: number; seconds: number; cpuSeconds: number };
}

/** Returns the deals as `discover` prints them, with all fields selected, like an orchestrator's request. */
async function configuredCatalog(config: string): Promise<string> {
  const { stdout } = await run(process.execPath, [bin, "discover", "--config", config], { maxBuffer: 1e8 });
  const message = stdout.split("\n").find((line) => line.startsWith('{"type":"CATALOG"'))!;
  const { streams } = (JSON.parse(message) as { catalog: { streams: { name: string }[] } }).catalog;
  const stream = streams.find(({ name }) => name === "deals");
  const path = join(place, "catalog.json");
  writeFileSync(
    path,
    JSON.stringify({ streams: [{ stream, sync_mode: "full_refresh", destination_sync_mode: "overwrite" }] }),
  );
  return path;
}

/** Runs the bin and counts its output at the other end of a pipe: from the first record to the last. */
async function read(args: readonly string[]) {
  const child = spawn(process.execPath, [bin, ...args], { stdio: ["ignore", "pipe", "inherit"] });
  let lines = 0;
  let [started, ended, costOfStart] = [0, 0, 0];
  child.stdout.on("data", (chunk: Buffer) => {
    ended = performance.now();
    if (started === 0) {
      started = ended;
      costOfStart = costSoFar(child.pid)?.cpuSeconds ?? 0;
    }
    for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, at + 1)) lines += 1;
  });
  const { status, cpuSeconds, peakMegabytes } = await processCost(child);
  if (status !== 0) throw new Error(`read ended with status ${String(status)}`);
  // STATE and STREAM_STATUS are less than one line in 400.
  return { records: lines, seconds: (ended - started) / 1000, cpuSeconds: cpuSeconds - costOfStart, peakMegabytes };
}
