import { execFile } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { promisify } from "node:util";
import { expect } from "chai";
import { build } from "esbuild";
import { bundleOptions } from "../build/bundle.ts";
import { dynamicPackages } from "../build/dynamic-packages.ts";
import { leftOut } from "../build/left-out.ts";
import { packageRoot } from "../connector/package-root.ts";

/** Bytes that each stage allocates for one record, by stream. */
type Allocations = Record<string, Record<string, number>>;

const file = `${packageRoot}test/fixtures/allocations.json`;
const version = process.versions.node.split(".")[0]!;

/**
 * Node's flags: no compiling or collecting in other threads, no objects created directly among the old ones, which
 * would count by whole pages, and no young garbage collected before all is counted.
 */
const flags = [
  "--expose-gc",
  "--single-threaded",
  "--no-allocation-site-pretenuring",
  "--min-semi-space-size=64",
  "--max-semi-space-size=64",
];

/**
 * In 60 runs, alone and four together, no number moved by more than 0.7 %; between patches of Node by less than 2 %.
 */
const tolerance = 0.05;

// The allocations of a sync decide how often garbage is collected, which is a fifth of its time. Unlike the time, they
// are equal on every machine; only each version of Node compiles in its own way.
describe("what a stage of a sync allocates for one record", () => {
  it(`is what it was, within ${tolerance * 100} %`, async () => {
    const built = `${packageRoot}.built-allocations/measure.mjs`;
    const entryPoints = [`${packageRoot}test/measure-allocations.mjs`];
    await build({ ...bundleOptions, plugins: [dynamicPackages, leftOut], entryPoints, outfile: built });
    // Run without the caller's options: coverage, or a preloaded module, would allocate too.
    const run = promisify(execFile)(process.execPath, [...flags, built], { env: {} });
    const found = JSON.parse((await run).stdout) as Allocations;
    if (process.env["ACCEPT_COUNTS"] !== undefined) {
      writeFileSync(file, `${JSON.stringify({ node: version, bytes: found }, null, 2)}\n`);
      return;
    }
    const { node, bytes } = JSON.parse(readFileSync(file, "utf8")) as { node: string; bytes: Allocations };
    // Another version of Node compiles differently, and allocates up to half as much again.
    const [least, most] = node === version ? [1 - tolerance, 1 + tolerance] : [0, 2];
    const moved = differences(bytes, found, least, most);
    const how = "If that is meant, accept it with `make counts` and say why in the commit.";
    if (moved.length > 0)
      expect.fail(`Allocations moved (Node ${version}; accepted: ${node}):\n${moved.join("\n")}\n${how}`);
  });
});

/** Returns the numbers outside the accepted factors, one per line. */
function differences(accepted: Allocations, found: Allocations, least: number, most: number): string[] {
  return [...new Set([...Object.keys(accepted), ...Object.keys(found)])].flatMap((stream) => {
    const [was, is] = [accepted[stream] ?? {}, found[stream] ?? {}];
    return [...new Set([...Object.keys(was), ...Object.keys(is)])]
      .filter(
        (stage) => !((is[stage] ?? 0) >= (was[stage] ?? 0) * least && (is[stage] ?? 0) <= (was[stage] ?? 0) * most),
      )
      .map((stage) => `  ${stream}: ${stage}: ${was[stage] ?? 0} → ${is[stage] ?? 0} bytes`);
  });
}
