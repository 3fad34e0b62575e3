import type { ChildProcess } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import type { Database } from "../connector/database/database.ts";
import { openDatabase } from "../connector/database/open/open-database.ts";
import type { JsonObject } from "../connector/mapping/value.ts";
import { type Sandbox, type SandboxOptions, startSandbox } from "../connector/sandbox/server.ts";
import type { Summary } from "../connector/sync/summary.ts";
import { type DatabaseKind, migratedLocation, removeLocation } from "./databases.ts";
import { configuredSecrets, expectNothingStored } from "./kept-secrets.ts";
import { type BinResult, makeWorkplace, runBin, type Workplace } from "./run-bin.ts";

/** A sandbox, a database and a folder with a config: everything that a user of the bin has. */
export interface SandboxSync {
  sandbox: Sandbox;
  place: Workplace;
  location: string;
  /** Writes mapping files into the folder that the config names; later runs use them. */
  map(files: Record<string, string>): void;
  /** Adds lines to the config. */
  configure(lines: string): void;
  run(
    args: readonly string[],
    onStart?: (child: ChildProcess) => void,
    env?: Record<string, string>,
  ): Promise<BinResult>;
  /** Runs `sync --json`, which must exit 0, and returns its output. */
  sync(...options: string[]): Promise<Summary>;
  look<Row extends object = Record<string, unknown>>(sql: string, parameters?: unknown[]): Promise<Row[]>;
  /** Makes the saved account catalog an hour older, so that the next run reads the account again. */
  hourPasses(): Promise<void>;
  /** Removes everything. Throws if the database holds a secret of the config. */
  close(): Promise<void>;
}

/** Sets a test up with an account of its own, a small one unless `options` say otherwise, or with that of another. */
export async function sandboxSync(
  kind: DatabaseKind,
  options: SandboxOptions = {},
  shared?: Sandbox,
): Promise<SandboxSync> {
  const sandbox =
    shared ??
    (await startSandbox({ organizations: 12, persons: 20, deals: 30, notes: 30, burstLimit: 1000, ...options }));
  const place = makeWorkplace();
  const location = await migratedLocation(kind);
  let lines = `company_url: ${sandbox.url}\napi_token: ${sandbox.token}\ndatabase: ${location}\n`;
  place.write("config.yaml", lines);
  const configure = (more: string) => {
    lines += more;
    place.write("config.yaml", lines);
  };
  const run: SandboxSync["run"] = (args, onStart, env = {}) =>
    runBin(place.folder, args, onStart === undefined ? { env } : { env, onStart });
  const look: SandboxSync["look"] = async (sql, parameters = []) => {
    const database: Database = await openDatabase(location);
    try {
      return await database.query(sql, parameters);
    } finally {
      await database.close();
    }
  };
  let mapped = false;
  return {
    sandbox,
    place,
    location,
    configure,
    map(files) {
      if (!mapped) {
        mkdirSync(join(place.folder, "mappings"));
        configure("mappings: ./mappings\n");
        mapped = true;
      }
      for (const [name, text] of Object.entries(files)) place.write(`mappings/${name}`, text);
    },
    run,
    async sync(...more) {
      const { status, stdout, stderr } = await run(["sync", "--json", ...more]);
      expect(status, stderr).to.equal(0);
      return JSON.parse(stdout.trim().split("\n").at(-1)!) as Summary;
    },
    look,
    async hourPasses() {
      await look("update connector.catalog set fetched_at = fetched_at - interval '1 hour'");
    },
    async close() {
      if (shared === undefined) await sandbox.close();
      try {
        await expectNothingStored(location, configuredSecrets(place.folder));
      } finally {
        await removeLocation(location);
        place.remove();
      }
    },
  };
}

/** An empty account, for tests that bring their own records. */
export const emptyAccount: SandboxOptions = { organizations: 0, persons: 0, deals: 0, notes: 0 };

/** Creates an organization with one won deal, as most tests need them; returns their ids. */
export function wonDeal(
  { store }: Sandbox,
  deal: JsonObject = {},
  organization: JsonObject = {},
): { dealId: number; organizationId: number } {
  const { id: organizationId } = store.create("organizations", { name: "Acme", ...organization });
  const { id: dealId } = store.create("deals", {
    title: "Deal",
    status: "won",
    won_time: "2026-01-31T10:00:00Z",
    org_id: organizationId!,
    value: 100,
    currency: "EUR",
    pipeline_id: 1,
    stage_id: 1,
    ...deal,
  });
  return { dealId: dealId as number, organizationId: organizationId as number };
}
