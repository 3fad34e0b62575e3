import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { packageRoot } from "../connector/package-root.ts";
import { figuresTable, isReached, readResults } from "./results.ts";

/**
 * Runs the benchmarks one after the other and prints one table of all results. Arguments: the names of some, or none
 * for all; `large` adds sizes that take an hour, and `table` runs nothing. bench/results/table.txt holds the last
 * figures of every benchmark.
 */
interface Benchmark {
  /** The name of its file and of its results. */
  name: string;
  file?: string;
  arguments: string[];
  large: string[];
}

const benchmarks: Benchmark[] = [
  { name: "mapping", arguments: [], large: [] },
  { name: "tokens", arguments: [], large: [] },
  {
    name: "sync",
    file: "run",
    arguments: ["20000,100000:server", "server,embedded"],
    large: ["50000,500000", "server,embedded"],
  },
  { name: "incremental", arguments: ["8000,80000"], large: ["50000,500000"] },
  {
    name: "incremental-embedded",
    file: "incremental",
    arguments: ["8000,80000", "embedded"],
    large: ["8000,80000", "embedded"],
  },
  { name: "changes", arguments: ["20000", "3", "1000000"], large: ["100000", "5", "10000000"] },
  { name: "products", arguments: ["100000"], large: ["100000", "3"] },
  { name: "read", arguments: ["20000,50000,200000"], large: ["20000,50000,200000"] },
  { name: "write", arguments: ["20000", "3"], large: ["100000", "3"] },
  { name: "audit", arguments: ["20000"], large: ["100000"] },
  { name: "plan-remap", arguments: ["50000"], large: ["50000"] },
  { name: "undo", arguments: ["20000"], large: ["80000"] },
  { name: "safety", arguments: [], large: [] },
  { name: "publication", arguments: ["20000,100000"], large: ["100000,400000"] },
  { name: "both-ways", arguments: ["50000", "5", "server"], large: ["50000", "5", "server,embedded"] },
  { name: "serve", arguments: [], large: [] },
  { name: "queue-simulation", arguments: [], large: [] },
  { name: "peers", arguments: ["20000", "3"], large: ["100000", "3"] },
  { name: "console", arguments: ["100000", "50"], large: ["100000", "50"] },
  { name: "start", arguments: ["15"], large: ["15"] },
  { name: "growth", arguments: ["1000,10000,100000"], large: ["1000,3000,10000,30000,100000,300000,1000000"] },
];

const words = process.argv.slice(2);
const large = words.includes("large");
const names = words.filter((word) => word !== "large");
const unknown = names.find((name) => name !== "table" && !benchmarks.some((one) => one.name === name));
if (unknown !== undefined) {
  process.stderr.write(
    `There is no benchmark ${unknown}; there are ${benchmarks.map(({ name }) => name).join(", ")}.\n`,
  );
  process.exit(2);
}
const failed: string[] = [];
for (const { name, file = name, ...one } of benchmarks) {
  if (names.length > 0 && !names.includes(name)) continue;
  const started = performance.now();
  process.stderr.write(`${name}: running …\n`);
  const status = await run([`${packageRoot}bench/${file}.ts`, ...(large ? one.large : one.arguments)]);
  process.stderr.write(`${name}: ${((performance.now() - started) / 1000).toFixed(0)} s\n`);
  if (status !== 0) failed.push(name);
}
const shown = names.length === 0 || names.includes("table") ? benchmarks.map(({ name }) => name) : names;
process.stdout.write(tableOf(shown));
writeFileSync(`${packageRoot}bench/results/table.txt`, tableOf(benchmarks.map(({ name }) => name)));
if (failed.length > 0) process.stdout.write(`Without a result: ${failed.join(", ")}.\n`);
process.exit(failed.length > 0 ? 1 : 0);

/** Returns the table of the last figures of these benchmarks. */
function tableOf(which: readonly string[]): string {
  const figures = which.flatMap((name) => readResults(name)?.figures ?? []);
  const missed = figures.filter((figure) => isReached(figure) === false).length;
  return `${figuresTable(figures).join("\n")}\n\n${figures.length} figures, ${missed} of them not what is asked.\n`;
}

/** Runs a benchmark and returns its exit status. Its own table is left to the table of all. */
function run(args: readonly string[]): Promise<number | null> {
  const child = spawn(process.execPath, ["--import", "tsx", ...args], { stdio: ["ignore", "ignore", "inherit"] });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", resolve);
  });
}
