import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { cpus, loadavg, totalmem } from "node:os";
import { table } from "../connector/commands/terminal/table.ts";
import { packageRoot } from "../connector/package-root.ts";

/** The machine of the figures: they mean little on another one, unlike ratios. */
export interface Machine {
  node: string;
  cpus: number;
  model: string | undefined;
  memoryGigabytes: number;
  /** The load of the last minute, when the figures were written: other programs, and the benchmark itself. */
  load: number;
}

/** One line of the table that `make bench` prints. */
export interface Figure {
  figure: string;
  measured: number;
  unit: string;
  /** The target of the project. */
  asked?: { least: number } | { most: number };
  /** The value as a part of the rate of a floor or a peer, measured in the same run. */
  ratio?: { of: string; value: number };
  cpuSeconds?: number;
  /** The largest resident size. */
  megabytes?: number;
  requests?: number;
  tokens?: number;
}

/** The content of `bench/results/<name>.json`, written by one benchmark. */
export interface Results<Details> {
  machine: Machine;
  /** The command-line arguments of the benchmark. */
  arguments: string[];
  figures: Figure[];
  details: Details;
}

const folder = `${packageRoot}bench/results`;

/** Writes the results of a benchmark to `bench/results/<name>.json`, and its figures to stdout. */
export function writeResults<Details>(name: string, figures: Figure[], details: Details): void {
  mkdirSync(folder, { recursive: true });
  const results: Results<Details> = { machine: thisMachine(), arguments: process.argv.slice(2), figures, details };
  writeFileSync(`${folder}/${name}.json`, `${JSON.stringify(results, rounded, 2)}\n`);
  process.stdout.write(`${figuresTable(figures).join("\n")}\n`);
}

/** Reads the last results of a benchmark; undefined if it has never run. */
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

/** Returns the figures as lines of text, with missed targets marked. */
export function figuresTable(figures: readonly Figure[]): string[] {
  const heads = ["figure", "asked", "measured", "", "beside", "CPU s", "MB", "requests", "tokens"];
  return table([heads, ...figures.map(rowOf)]);
}

/** Returns whether the target is reached; undefined without a target. */
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

/** Rounds to four digits, the precision of a measurement. */
function rounded(_key: string, value: unknown): unknown {
  return typeof value === "number" && !Number.isInteger(value) ? Number(value.toPrecision(4)) : value;
}
