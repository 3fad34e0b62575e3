import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { cpus, loadavg, totalmem } from "node:os";
import { table } from "../connector/commands/table.ts";
import { packageRoot } from "../connector/package-root.ts";

/** The machine that figures were taken on: they mean little on another one, unlike ratios. */
export interface Machine {
  node: string;
  cpus: number;
  model: string | undefined;
  memoryGigabytes: number;
  /** Of the last minute, when the figures were written: what else ran, and the benchmark itself. */
  load: number;
}

/** One line of the table that `make bench` prints. */
export interface Figure {
  figure: string;
  measured: number;
  unit: string;
  /** What is asked of the project. */
  asked?: { least: number } | { most: number };
  /** As a part of the rate of a floor or a peer, which was measured in the same run. */
  ratio?: { of: string; value: number };
  cpuSeconds?: number;
  /** Largest resident size. */
  megabytes?: number;
  requests?: number;
  tokens?: number;
}

/** What one benchmark writes to `bench/results/<name>.json`. */
export interface Results<Details> {
  machine: Machine;
  /** What followed the file's name on the command line. */
  arguments: string[];
  figures: Figure[];
  details: Details;
}

const folder = `${packageRoot}bench/results`;

/** Writes what a benchmark found to `bench/results/<name>.json`, and its figures to stdout. */
export function writeResults<Details>(name: string, figures: Figure[], details: Details): void {
  mkdirSync(folder, { recursive: true });
  const results: Results<Details> = { machine: thisMachine(), arguments: process.argv.slice(2), figures, details };
  writeFileSync(`${folder}/${name}.json`, `${JSON.stringify(results, rounded, 2)}\n`);
  process.stdout.write(`${figuresTable(figures).join("\n")}\n`);
}

/** What a benchmark wrote the last time it ran; undefined where it never did. */
export function readResults<Details>(name: string): Results<Details> | undefined {
  try {
    const results = JSON.parse(readFileSync(`${folder}/${name}.json`, "utf8")) as Partial<Results<Details>>;
    // Until version 0.1.0 each benchmark had a form of its own.
    return results.details === undefined ? undefined : (results as Results<Details>);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/** The figures as lines of text: what is not reached is marked. */
export function figuresTable(figures: readonly Figure[]): string[] {
  const heads = ["figure", "asked", "measured", "", "beside", "CPU s", "MB", "requests", "tokens"];
  return table([heads, ...figures.map(rowOf)]);
}

/** Whether what is asked is reached; undefined where nothing is. */
export function isReached({ asked, measured }: Figure): boolean | undefined {
  if (asked === undefined) return undefined;
  return "least" in asked ? measured >= asked.least : measured <= asked.most;
}

function rowOf(one: Figure): string[] {
  const { figure, asked, measured, unit, ratio, cpuSeconds, megabytes, requests, tokens } = one;
  const limit = asked === undefined ? "" : "least" in asked ? `≥ ${shown(asked.least)}` : `≤ ${shown(asked.most)}`;
  const reached = isReached(one);
  return [
    figure,
    limit,
    `${shown(measured)} ${unit}`,
    reached === undefined ? "" : reached ? "reached" : "NOT REACHED",
    ratio === undefined ? "" : `${shown(ratio.value)} of ${ratio.of}`,
    ...[cpuSeconds, megabytes, requests, tokens].map((number) => (number === undefined ? "" : shown(number))),
  ];
}

function shown(number: number): string {
  const digits = Math.abs(number) >= 100 ? 0 : Math.abs(number) >= 10 ? 1 : 2;
  return Number(number.toFixed(digits)).toLocaleString("en-US");
}

function thisMachine(): Machine {
  return {
    node: process.version,
    cpus: cpus().length,
    model: cpus()[0]?.model,
    memoryGigabytes: Math.round(totalmem() / 2 ** 30),
    load: loadavg()[0]!,
  };
}

/** Four digits say all that a measurement knows. */
function rounded(_key: string, value: unknown): unknown {
  return typeof value === "number" && !Number.isInteger(value) ? Number(value.toPrecision(4)) : value;
}
