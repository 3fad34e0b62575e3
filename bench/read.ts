import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { cpus, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { packageRoot } from "../connector/package-root.ts";
import { serveAccount } from "./account-server.ts";

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
const figures = [];
for (const deals of sizes) {
  const account = await serveAccount(deals);
  try {
    const config = join(place, "config.json");
    writeFileSync(config, JSON.stringify({ company_url: account.url, api_token: account.token }), { mode: 0o600 });
    figures.push({ deals, ...(await read(["read", "--config", config, "--catalog", catalog])) });
    const { records, seconds, cpuSeconds, peakMegabytes } = figures.at(-1)!;
    process.stdout.write(
      `read of ${records} deals to a pipe: ${seconds.toFixed(1)} s, ${Math.round(records / seconds)} records/s (asked for: ` +
        `40000); ${Math.round(records / cpuSeconds)} for each second of processor time; peak memory ${peakMegabytes} MB\n`,
    );
  } finally {
    account.stop();
  }
}
rmSync(place, { recursive: true, force: true });
mkdirSync(`${packageRoot}bench/results`, { recursive: true });
const machine = { node: process.version, cpus: cpus().length, model: cpus()[0]?.model, load: loadavg()[0] };
writeFileSync(`${packageRoot}bench/results/read.json`, `${JSON.stringify({ machine, figures }, null, 2)}\n`);

/** Runs the bin and counts what it prints, as a pipe's other end: from the first record to the last. */
async function read(args: readonly string[]) {
  const child = spawn(process.execPath, [`${packageRoot}dist/main.js`, ...args], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let lines = 0;
  let started = 0;
  let ended = 0;
  let [peak, ticks] = [0, 0];
  child.stdout.on("data", (chunk: Buffer) => {
    ended = performance.now();
    if (started === 0) started = ended;
    for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, at + 1)) lines += 1;
  });
  const watch = setInterval(() => {
    try {
      peak = Math.max(peak, Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, "utf8"))?.[1] ?? 0));
      const [user, system] = readFileSync(`/proc/${child.pid}/stat`, "utf8").split(") ")[1]!.split(" ").slice(11, 13);
      ticks = Number(user) + Number(system);
    } catch {
      // Without /proc, or after its end.
    }
  }, 50);
  const status = await new Promise((resolve) => child.on("close", resolve));
  clearInterval(watch);
  if (status !== 0) throw new Error(`read ended with status ${String(status)}`);
  // STATE and STREAM_STATUS are less than one line in 400.
  return {
    records: lines,
    seconds: (ended - started) / 1000,
    cpuSeconds: ticks / 100,
    peakMegabytes: Math.round(peak / 1024),
  };
}
