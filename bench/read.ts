import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { packageRoot } from "../connector/package-root.ts";
import { serveAccount } from "./account-server.ts";
import { processCost } from "./measured-run.ts";
import { writeResults } from "./results.ts";

/**
 * How fast `read` prints deals into a pipe, and what memory it needs, by the account's size: it must not grow with it.
 * Sizes as on the command line (`20000,200000`).
 */
const sizes = (process.argv[2] ?? "20000,200000").split(",").map(Number);
const place = mkdtempSync(join(tmpdir(), "pipedrive-planhat-bench-"));
const stream = { name: "deals", json_schema: {}, supported_sync_modes: ["full_refresh"] };
const catalog = join(place, "catalog.json");
writeFileSync(
  catalog,
  JSON.stringify({ streams: [{ stream, sync_mode: "full_refresh", destination_sync_mode: "overwrite" }] }),
);
const runs: Awaited<ReturnType<typeof read>>[] = [];
for (const deals of sizes) {
  const account = await serveAccount(deals);
  try {
    const config = join(place, "config.json");
    writeFileSync(config, JSON.stringify({ company_url: account.url, api_token: account.token }), { mode: 0o600 });
    runs.push(await read(["read", "--config", config, "--catalog", catalog]));
  } finally {
    account.stop();
  }
}
rmSync(place, { recursive: true, force: true });
writeResults(
  "read",
  [
    ...runs.map(({ records, seconds, cpuSeconds, peakMegabytes }, index) => ({
      figure: `read of ${sizes[index]!.toLocaleString("en-US")} deals to a pipe`,
      measured: records / seconds,
      unit: "records/s",
      asked: { least: 40_000 },
      cpuSeconds,
      megabytes: peakMegabytes,
    })),
    ...(runs.length < 2
      ? []
      : [
          {
            figure: "read: memory of the largest beside the smallest",
            measured: runs.at(-1)!.peakMegabytes / runs[0]!.peakMegabytes,
            unit: "times as much",
            asked: { most: 1.1 },
          },
        ]),
  ],
  { runs },
);

/** Runs the bin and counts what it prints, as a pipe's other end: from the first record to the last. */
async function read(args: readonly string[]) {
  const child = spawn(process.execPath, [`${packageRoot}dist/main.js`, ...args], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let lines = 0;
  let started = 0;
  let ended = 0;
  child.stdout.on("data", (chunk: Buffer) => {
    ended = performance.now();
    if (started === 0) started = ended;
    for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, at + 1)) lines += 1;
  });
  const { status, cpuSeconds, peakMegabytes } = await processCost(child);
  if (status !== 0) throw new Error(`read ended with status ${String(status)}`);
  // STATE and STREAM_STATUS are less than one line in 400.
  return { records: lines, seconds: (ended - started) / 1000, cpuSeconds, peakMegabytes };
}
