import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { packageRoot } from "../connector/package-root.ts";
import type { Summary } from "../connector/sync/summary.ts";
import { emptyLocation, removeLocation } from "../test/databases.ts";
import { serveAccount } from "./account-server.ts";
import { measuredRun, median } from "./measured-run.ts";
import { serverProcessorTime } from "./processor-time.ts";

/**
 * Measures this version beside another one, in pairs that take turns, because a machine's speed drifts: `node --import
 * tsx bench/beside.ts <folder of the other, built> [deals] [pairs]`. Prints the ratio this / other of a first sync and
 * of one with nothing new, by the clock and by processor time (connector and server together).
 */
interface Cost {
  first: number;
  firstCpu: number;
  idle: number;
  idleCpu: number;
  requests: number;
}

const [other, deals = "20000", pairs = "5"] = process.argv.slice(2);
if (other === undefined) {
  process.stderr.write("Name the folder of the other version, built.\n");
  process.exit(2);
}
const account = await serveAccount(Number(deals));
const ratios: Record<keyof Cost, number[]> = { first: [], firstCpu: [], idle: [], idleCpu: [], requests: [] };
try {
  await costOf(packageRoot);
  for (let pair = 0; pair < Number(pairs); pair++) {
    const order = pair % 2 === 0 ? [packageRoot, other] : [other, packageRoot];
    const costs = new Map<string, Cost>();
    for (const folder of order) costs.set(folder, await costOf(folder));
    for (const key of Object.keys(ratios) as (keyof Cost)[]) {
      ratios[key].push(costs.get(packageRoot)![key] / costs.get(other)![key]);
    }
    process.stderr.write(`${JSON.stringify(Object.fromEntries(costs))}\n`);
  }
} finally {
  account.stop();
}
for (const [key, values] of Object.entries(ratios)) {
  const [least, most] = [Math.min(...values), Math.max(...values)];
  process.stdout.write(
    `${key.padEnd(9)} ${median(values).toFixed(3)}  (${least.toFixed(3)} to ${most.toFixed(3)}, ${values.length} pairs)\n`,
  );
}
process.exit(0);

/** Measures a first sync into an empty database on a server, and then one with nothing new. */
async function costOf(folder: string): Promise<Cost> {
  const place = mkdtempSync(join(tmpdir(), "pipedrive-planhat-bench-"));
  const location = await emptyLocation("server");
  const config = join(place, "config.json");
  writeFileSync(config, JSON.stringify({ company_url: account.url, api_token: account.token, database: location }), {
    mode: 0o600,
  });
  try {
    const first = await sync(folder, config, location);
    const idle = await sync(folder, config, location);
    return {
      first: first.seconds,
      firstCpu: first.cpu,
      idle: idle.seconds,
      idleCpu: idle.cpu,
      requests: first.requests + idle.requests,
    };
  } finally {
    await removeLocation(location);
    rmSync(place, { recursive: true, force: true });
  }
}

async function sync(
  folder: string,
  config: string,
  location: string,
): Promise<{ seconds: number; cpu: number; requests: number }> {
  const before = (await serverProcessorTime(location)) ?? 0;
  const bin = join(folder, "dist/main.js");
  const run = await measuredRun(process.execPath, [bin, "sync", "--config", config, "--log-level", "warn", "--json"]);
  if (run.status !== 0) throw new Error(`sync of ${folder} exited with ${run.status}: ${run.stderr}`);
  const server = ((await serverProcessorTime(location)) ?? 0) - before;
  const { requests } = JSON.parse(run.stdout) as Summary;
  return { seconds: run.seconds, cpu: run.cpuSeconds + server, requests: requests.count };
}
