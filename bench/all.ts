import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { packageRoot } from "../connector/package-root.ts";
import { type Figure, figuresTable, isReached, readResults } from "./results.ts";

/**
 * Runs the benchmarks one after the other and prints one table of all that they found. Takes the names of some, or none
 * for all; `large` besides asks for the sizes that take hours rather than minutes.
 */
interface Benchmark {
  /** Of its file and of its results. */
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
    arguments: ["10000,100000", "server,embedded"],
    large: ["50000,500000", "server,embedded", "changes"],
  },
  { name: "incremental", arguments: ["8000,80000"], large: ["8000,500000"] },
  { name: "read", arguments: ["20000,200000"], large: ["20000,200000"] },
  { name: "write", arguments: ["20000", "3"], large: ["100000", "3"] },
  { name: "audit", arguments: ["20000"], large: ["100000"] },
  { name: "safety", arguments: [], large: [] },
  { name: "both-ways", arguments: [], large: [] },
  { name: "serve", arguments: [], large: [] },
  { name: "queue-simulation", arguments: [], large: [] },
  { name: "growth", arguments: ["1000,10000,100000"], large: ["1000,3000,10000,30000,100000,300000,1000000"] },
];

const words = process.argv.slice(2);
const large = words.includes("large");
const names = words.filter((word) => word !== "large");
const unknown = names.find((name) => !benchmarks.some((one) => one.name === name));
if (unknown !== undefined) {
  process.stderr.write(
    `There is no benchmark ${unknown}; there are ${benchmarks.map(({ name }) => name).join(", ")}.\n`,
  );
  process.exit(2);
}
const figures: Figure[] = [];
const failed: string[] = [];
for (const { name, file = name, ...one } of benchmarks) {
  if (names.length > 0 && !names.includes(name)) continue;
  const program = `${packageRoot}bench/${file}.ts`;
  if (!existsSync(program)) continue;
  const started = performance.now();
  process.stderr.write(`${name}: running …\n`);
  const status = await run([program, ...(large ? one.large : one.arguments)]);
  process.stderr.write(`${name}: ${((performance.now() - started) / 1000).toFixed(0)} s\n`);
  const results = readResults(name);
  if (status !== 0 || results === undefined) failed.push(name);
  else figures.push(...results.figures);
}
const missed = figures.filter((figure) => isReached(figure) === false).length;
process.stdout.write(`${figuresTable(figures).join("\n")}\n\n`);
process.stdout.write(`${figures.length} figures, ${missed} of them not what is asked.\n`);
if (failed.length > 0) process.stdout.write(`Without a result: ${failed.join(", ")}.\n`);
process.exit(failed.length > 0 ? 1 : 0);

/** Runs a benchmark to its end; its own table is left to the one of all. */
function run(args: readonly string[]): Promise<number | null> {
  const child = spawn(process.execPath, ["--import", "tsx", ...args], { stdio: ["ignore", "ignore", "inherit"] });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", resolve);
  });
}
