import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { packageRoot } from "../connector/package-root.ts";
import { inventAccount } from "../connector/sandbox/account/account.ts";
import type { Sandbox } from "../connector/sandbox/server.ts";
import type { DatabaseKind } from "./databases.ts";
import { runBin } from "./run-bin.ts";
import { type SandboxSync, sandboxSync } from "./sandbox-sync.ts";

/** The cost of one command, in numbers that do not depend on the machine. */
type Counts = Record<string, number>;
/** Counts by command and database. */
type Golden = Record<string, Partial<Record<DatabaseKind, Counts>>>;

const file = `${packageRoot}test/fixtures/counts.json`;
const accepting = process.env["ACCEPT_COUNTS"] !== undefined;

// Times differ from machine to machine; requests, API tokens, statements and rows of a fixed account do not. A changed
// number is either intended, and then accepted, or a regression that no timing on a busy machine would show.
describe("what syncing a fixed account costs, in counts", () => {
  const account = inventAccount({ organizations: 160, persons: 330, deals: 800, notes: 620 });
  const found: Golden = {};
  for (const kind of ["server", "embedded"] as const) {
    it(`is what it was, ${kind === "server" ? "on a server" : "in the embedded database"}`, async () => {
      let hours = 0;
      const clock = () => new Date(account.now.getTime() + hours * 3_600_000);
      const setting = await sandboxSync(kind, { account, burstLimit: 1e6, dailyTokens: 1e9, clock });
      const measured = async (name: string, args: readonly string[]) => {
        found[name] = { ...found[name], [kind]: await countsOf(setting, kind, args) };
      };
      try {
        await measured("first sync", ["sync"]);
        await measured("sync with nothing new", ["sync"]);
        hours += 2;
        changeDeals(setting.sandbox, 20);
        await measured("sync of 20 changed deals", ["sync"]);
        // They are equal in the embedded database, where each run takes long to start.
        if (kind === "server") {
          await measured("sync of one company", ["sync", "--company", "2"]);
          setting.place.write("catalog.json", JSON.stringify(catalog));
          await measured("read of all streams", ["read", "--catalog", "catalog.json"]);
        }
      } finally {
        await setting.close();
      }
      if (!accepting) expectAsAccepted(found, kind);
    });
  }

  after(() => {
    if (accepting) writeFileSync(file, `${JSON.stringify(found, null, 2)}\n`);
  });
});

/** Runs the bin and counts its requests to Pipedrive and its statements. */
async function countsOf({ sandbox, place, look }: SandboxSync, kind: DatabaseKind, args: readonly string[]) {
  sandbox.requests.reset();
  const before = kind === "server" ? await writtenRows(look) : {};
  const counted = join(place.folder, "counted.json");
  const env = {
    NODE_OPTIONS: `--import ${packageRoot}test/count-statements.mjs`,
    COUNTED_STATEMENTS: counted,
  };
  const { status, stderr } = await runBin(place.folder, args, { env });
  expect(status, stderr).to.equal(0);
  const counts: Counts = { "API tokens": sandbox.requests.tokens };
  for (const [path, number] of Object.entries(sandbox.requests.byPath)) counts[path] = number;
  const statements = JSON.parse(readFileSync(counted, "utf8")) as Counts;
  for (const [word, number] of Object.entries(statements)) counts[`SQL ${word}`] = number;
  if (kind === "server") {
    for (const [name, number] of Object.entries(await writtenRows(look))) {
      const written = number - (before[name] ?? 0);
      if (written > 0) counts[`rows ${name}`] = written;
    }
  }
  return Object.fromEntries(Object.entries(counts).sort(([one], [other]) => (one < other ? -1 : 1)));
}

/** Returns the rows inserted, updated and deleted so far, by table, from Postgres' own counts. */
async function writtenRows(look: SandboxSync["look"]): Promise<Counts> {
  const rows = await look<Record<"name" | "inserted" | "updated" | "deleted", string>>(
    `select schemaname || '.' || relname as name, n_tup_ins as inserted, n_tup_upd as updated, n_tup_del as deleted
     from pg_stat_user_tables where schemaname in ('pipedrive', 'planhat', 'connector')`,
  );
  return Object.fromEntries(
    rows.flatMap(({ name, inserted, updated, deleted }) => [
      [`inserted into ${name}`, Number(inserted)],
      [`updated in ${name}`, Number(updated)],
      [`deleted from ${name}`, Number(deleted)],
    ]),
  );
}

function changeDeals({ store }: Sandbox, count: number): void {
  const won = store.find("deals", ({ status, archived, deleted }) => status === "won" && !archived && !deleted);
  for (const { id } of won.slice(0, count)) store.update("deals", id as number, { value: 1234 });
}

function expectAsAccepted(found: Golden, kind: DatabaseKind): void {
  const golden = JSON.parse(readFileSync(file, "utf8")) as Golden;
  const moved = Object.entries(found).flatMap(([command, byKind]) => {
    const [was, is] = [golden[command]?.[kind] ?? {}, byKind[kind] ?? {}];
    return [...new Set([...Object.keys(was), ...Object.keys(is)])]
      .filter((name) => was[name] !== is[name])
      .map((name) => `  ${command}: ${name}: ${was[name] ?? 0} → ${is[name] ?? 0}`);
  });
  const how = "If that is meant, accept it with `make counts` and say why in the commit.";
  if (moved.length > 0) expect.fail(`Counts moved (${kind} database):\n${moved.join("\n")}\n${how}`);
}

const catalog = {
  streams: ["deals", "organizations", "persons", "notes"].map((name) => ({
    stream: { name, json_schema: {}, supported_sync_modes: ["full_refresh", "incremental"] },
    sync_mode: "full_refresh",
    destination_sync_mode: "overwrite",
  })),
};
