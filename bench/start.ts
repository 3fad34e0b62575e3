import { execFile } from "node:child_process";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { packageRoot } from "../connector/package-root.ts";
import { serveAccount } from "./account-server.ts";
import { median } from "./measured-run.ts";
import { type Figure, writeResults } from "./results.ts";
import { type SyncPlace, syncPlace } from "./sync-place.ts";

/**
 * Measures the cost of a start: `spec` beside `node -e 0`, and a `sync` with nothing new on each database. Arguments:
 * the number of rounds, and folders of other versions to measure beside this one (each with its dist/). All take turns,
 * so that other work on the machine affects all of them.
 */
const rounds = Number(process.argv[2] ?? 15);
const folders = [packageRoot, ...process.argv.slice(3).map((folder) => resolve(folder))];

/** One kind of run with its costs in milliseconds. */
interface Series {
  figure: string;
  command: string[];
  wall: number[];
  cpu: number[];
}

/** Runs a process, timed by the shell's `time`, which reads the kernel's figures to the millisecond. */
async function timed(command: readonly string[]): Promise<{ wall: number; cpu: number }> {
  const script = `TIMEFORMAT="%R %U %S"; time "$@" >/dev/null 2>&1 </dev/null || echo failed`;
  const { stdout, stderr } = await promisify(execFile)("bash", ["-c", script, "bash", ...command]);
  if (stdout.includes("failed")) throw new Error(`This failed: ${command.join(" ")}`);
  const [wall, user, system] = stderr.trim().split(" ").map(Number) as [number, number, number];
  return { wall: wall * 1000, cpu: (user + system) * 1000 };
}

const account = await serveAccount(2000);
const places: SyncPlace[] = [];
const series: Series[] = [];
const measure = (figure: string, ...command: string[]) => series.push({ figure, command, wall: [], cpu: [] });
try {
  measure("node -e 0", process.execPath, "-e", "0");
  for (const folder of folders) {
    const bin = join(folder, "dist/main.js");
    const of = folder === packageRoot ? "" : ` of ${folder}`;
    measure(`spec${of}`, process.execPath, bin, "spec");
    for (const kind of ["server", "embedded"] as const) {
      const place = await syncPlace(account, kind);
      places.push(place);
      const sync = [process.execPath, bin, "sync", "--config", place.config, "--log-level", "warn"];
      // The first sync fetches everything; the second still has work that the first one left.
      for (let run = 0; run < 3; run++) await timed(sync);
      measure(`sync with nothing new, ${kind}${of}`, ...sync);
    }
  }
  for (let round = 0; round < rounds; round++) {
    for (const { command, wall, cpu } of series) {
      const cost = await timed(command);
      wall.push(cost.wall);
      cpu.push(cost.cpu);
    }
  }
} finally {
  for (const place of places) await place.remove();
  account.stop();
}

const bare = median(series[0]!.wall);
const figures = series.map(({ figure, wall, cpu }): Figure => {
  const cpuSeconds = median(cpu) / 1000;
  if (figure === "node -e 0") return { figure, measured: median(wall), unit: "ms", cpuSeconds };
  if (figure.startsWith("spec")) {
    const times = median(wall) / bare;
    return { figure: `${figure}: times node -e 0`, measured: times, unit: "×", asked: { most: 1.3 }, cpuSeconds };
  }
  const most = figure.includes("server") ? 0.25 : 0.5;
  return { figure: `${figure}: processor time`, measured: cpuSeconds, unit: "s", asked: { most }, cpuSeconds };
});
writeResults("start", figures, { rounds, series: series.map(({ figure, wall, cpu }) => ({ figure, wall, cpu })) });
