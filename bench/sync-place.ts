import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { packageRoot } from "../connector/package-root.ts";
import type { Summary } from "../connector/sync/summary.ts";
import { type DatabaseKind, emptyLocation, migratedLocation, removeLocation } from "../test/databases.ts";
import { type MeasuredRun, measuredRun } from "./measured-run.ts";

/** A new database and a config that names it, for a benchmark to run the bin with. */
export interface SyncPlace {
  config: string;
  location: string;
  /** Runs the bin with the config and measures it. Throws unless it exits with 0. */
  run(verb: string, ...args: string[]): Promise<MeasuredRun>;
  /** Runs `sync`; returns its summary and its cost. */
  sync(...args: string[]): Promise<MeasuredRun & { summary: Summary }>;
  remove(): Promise<void>;
}

/**
 * Creates the place of a benchmark for a served account; `more` is added to its config, `bin` is the program to run.
 */
export async function syncPlace(
  account: { url: string; token: string },
  kind: DatabaseKind,
  more: object = {},
  bin = `${packageRoot}dist/main.js`,
): Promise<SyncPlace> {
  const folder = mkdtempSync(join(tmpdir(), "pipedrive-planhat-bench-"));
  // The sync creates the embedded database, as a user's does: that takes memory too.
  const location = await (kind === "embedded" ? emptyLocation(kind) : migratedLocation(kind));
  const config = join(folder, "config.json");
  const content = { company_url: account.url, api_token: account.token, database: location, ...more };
  writeFileSync(config, JSON.stringify(content), { mode: 0o600 });
  async function run(verb: string, ...args: string[]): Promise<MeasuredRun> {
    const measured = await measuredRun(process.execPath, [
      bin,
      verb,
      "--config",
      config,
      "--log-level",
      "warn",
      ...args,
    ]);
    if (measured.status !== 0) throw new Error(`${verb} exited with ${measured.status}: ${measured.stderr}`);
    return measured;
  }
  return {
    config,
    location,
    run,
    async sync(...args) {
      const measured = await run("sync", "--json", ...args);
      return { ...measured, summary: JSON.parse(measured.stdout) as Summary };
    },
    async remove() {
      await removeLocation(location);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
