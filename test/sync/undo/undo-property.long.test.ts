import { expect } from "chai";
import fc from "fast-check";
import type { AccountCatalog } from "../../../connector/account-catalog.ts";
import type { Database } from "../../../connector/database/database.ts";
import { findUndone } from "../../../connector/database/undo/undone-run.ts";
import { checkMapping } from "../../../connector/mapping/check/check-mapping.ts";
import type { CompiledMapping } from "../../../connector/mapping/compiled-mapping.ts";
import { createBudget } from "../../../connector/pipedrive/client/budget.ts";
import { createClient } from "../../../connector/pipedrive/client/client.ts";
import { parseCompanyUrl } from "../../../connector/pipedrive/client/company-url.ts";
import { modelCatalog } from "../../../connector/planhat/models.ts";
import { type Sandbox, startSandbox } from "../../../connector/sandbox/server.ts";
import type { SyncRequest } from "../../../connector/sync/run-context.ts";
import { prepareRun } from "../../../connector/sync/runs/prepare-run.ts";
import { runRemap } from "../../../connector/sync/runs/run-remap.ts";
import { runSync } from "../../../connector/sync/runs/run-sync.ts";
import { runUndo } from "../../../connector/sync/undo/run-undo.ts";
import { eachDatabase } from "../../databases.ts";
import { carryOutDeed, deeds, type MappingTexts, mappings } from "../../random-work.ts";
import { type Rows, readPlanhatRows } from "../../row-difference.ts";

const runs = Number(process.env["PROPERTY_RUNS"] ?? 12);
const steps = fc.array(fc.record({ deeds, mapping: fc.option(mappings, { freq: 2 }), full: fc.boolean() }), {
  minLength: 2,
  maxLength: 4,
});
const account = fc.record({ seed: fc.nat(1_000_000), mapping: mappings });

function compile(texts: MappingTexts, catalog: AccountCatalog): CompiledMapping {
  const files = Object.entries(texts).map(([stream, text]) => ({ name: `${stream}.yaml`, text }));
  return checkMapping(files, { models: modelCatalog, catalog }).mapping!;
}

/** An account whose deals are synced into an initially empty database. */
class Account {
  readonly #database: Database;
  readonly sandbox: Sandbox;
  texts: MappingTexts;

  constructor(database: Database, sandbox: Sandbox, texts: MappingTexts) {
    this.#database = database;
    this.sandbox = sandbox;
    this.texts = texts;
  }

  async #request(): Promise<SyncRequest> {
    const database = this.#database;
    const budget = createBudget();
    const client = createClient({
      companyUrl: parseCompanyUrl(this.sandbox.url),
      apiToken: this.sandbox.token,
      budget,
    });
    const prepared = await prepareRun({
      database,
      client,
      budget,
      loadMapping: (catalog) => compile(this.texts, catalog),
    });
    const { signal } = new AbortController();
    const options = { full: false, companies: [], followChanges: false, startDate: undefined, signal };
    return { database, client, budget, ...prepared, agreement: { by: "test" }, ...options };
  }

  async sync(options: Partial<SyncRequest> = {}): Promise<string> {
    const { summary, failure } = await runSync({ ...(await this.#request()), ...options });
    if (failure !== undefined) throw failure;
    return summary.run;
  }

  async remap(): Promise<void> {
    const { failure } = await runRemap(await this.#request());
    if (failure !== undefined) throw failure;
  }

  async undo(run: string, { created = false } = {}): Promise<string> {
    const undone = await findUndone(this.#database, run);
    const choice = { models: undefined, fields: undefined, ids: undefined, created };
    const { rows, failure } = await runUndo({ ...(await this.#request()), undone, choice });
    if (failure !== undefined) throw failure;
    return rows!.summary.run!;
  }
}

async function withAccount(
  database: Database,
  { seed, mapping }: { seed: number; mapping: MappingTexts },
  work: (one: Account) => Promise<void>,
): Promise<void> {
  const tables = await database.query<{ name: string }>(
    `select quote_ident(schemaname) || '.' || quote_ident(tablename) as name from pg_tables
     where schemaname in ('pipedrive', 'planhat', 'connector') and tablename not in ('migrations', 'fence')`,
  );
  await database.query(`truncate ${tables.map(({ name }) => name).join(", ")} restart identity cascade`);
  const sandbox = await startSandbox({
    ...{ seed, organizations: 5, persons: 8, deals: 12, notes: 8 },
    ...{ burstLimit: 1000, dailyTokens: Number.POSITIVE_INFINITY },
  });
  try {
    await work(new Account(database, sandbox, mapping));
  } finally {
    await sandbox.close();
  }
}

/** Returns every column of every row, except its time of change, as text. */
async function tablesOf(database: Database): Promise<string[]> {
  const rows: string[] = [];
  for (const table of ["companies", "endusers", "notes", "licenses", "sales"]) {
    const found = await database.query<{ row: string }>(
      `select '${table} ' || (to_jsonb(t) - 'updated_at')::text as row from planhat.${table} as t order by id`,
    );
    rows.push(...found.map(({ row }) => row));
  }
  return rows;
}

const sameValue = (one: unknown, other: unknown) => JSON.stringify(one) === JSON.stringify(other);
const modelsOfDeals: Record<string, string> = { license: "sale", sale: "license" };

/**
 * Returns the expected tables after an undo of a run that led from `before` to `after`, if users changed them to `now`.
 */
function expectedAfterUndo(before: Rows, after: Rows, now: Rows, touched: ReadonlySet<string>): Rows {
  const expected: Rows = new Map(now);
  for (const [key, old] of before) {
    const [model, id] = key.split(" ") as [string, string];
    const later = after.get(key);
    const current = now.get(key);
    if (later === undefined) {
      const other = `${modelsOfDeals[model]} ${id}`;
      if (!after.has(other) || !now.has(other) || touched.has(other)) continue;
      expected.delete(other);
      expected.set(key, old);
      continue;
    }
    if (current === undefined) continue;
    const values = { ...current };
    for (const field of new Set([...Object.keys(old), ...Object.keys(later)])) {
      if (sameValue(old[field], later[field]) || !sameValue(later[field], current[field])) continue;
      if (old[field] === undefined) delete values[field];
      else values[field] = old[field];
    }
    expected.set(key, values);
  }
  return expected;
}

/** Returns the time of each row's last change, by model and source id. */
async function versionsOf(database: Database): Promise<Map<string, string>> {
  const versions = new Map<string, string>();
  for (const [model, table] of [
    ["license", "licenses"],
    ["sale", "sales"],
  ]) {
    const rows = await database.query<{ id: string; version: string }>(
      `select source_id as id, updated_at::text as version from planhat.${table}`,
    );
    for (const { id, version } of rows) versions.set(`${model} ${id}`, version);
  }
  return versions;
}

const plain = (rows: Rows) => Object.fromEntries([...rows].sort(([one], [other]) => (one < other ? -1 : 1)));

describe("whatever the account, the mappings and the edits", function () {
  this.timeout(3_600_000);
  eachDatabase((open) => {
    it("undoing every run in reverse, with --created, leaves the tables as before each", async () => {
      const database = await open();
      await fc.assert(
        fc.asyncProperty(account, steps, async (made, all) => {
          await withAccount(database, made, async (one) => {
            const done: { run: string; before: string[] }[] = [];
            for (const { deeds: some, mapping, full } of all) {
              for (const deed of some.filter(({ kind }) => kind !== "by hand"))
                await carryOutDeed(one.sandbox.store, database, deed);
              one.texts = mapping ?? one.texts;
              const before = await tablesOf(database);
              done.push({ run: await one.sync({ full }), before });
            }
            for (const { run, before } of done.reverse()) {
              await one.undo(run, { created: true });
              expect(await tablesOf(database)).to.deep.equal(before);
            }
          });
        }),
        { numRuns: runs },
      );
    });

    it("an undo restores exactly what nobody changed since, and no sync writes it again", async () => {
      const database = await open();
      await fc.assert(
        fc.asyncProperty(account, steps, deeds, mappings, async (made, all, edits, last) => {
          await withAccount(database, made, async (one) => {
            for (const { deeds: some, mapping, full } of all) {
              for (const deed of some) await carryOutDeed(one.sandbox.store, database, deed);
              one.texts = mapping ?? one.texts;
              await one.sync({ full });
            }
            const before = await readPlanhatRows(database);
            one.texts = last;
            const run = await one.sync({ full: true });
            const after = await readPlanhatRows(database);
            const versions = await versionsOf(database);
            for (const deed of edits) await carryOutDeed(one.sandbox.store, database, { ...deed, kind: "by hand" });
            const now = await readPlanhatRows(database);
            const touched = new Set(
              [...(await versionsOf(database))].flatMap(([key, version]) =>
                versions.get(key) === version ? [] : [key],
              ),
            );
            const expected = expectedAfterUndo(before, after, now, touched);
            const undo = await one.undo(run);
            expect(plain(await readPlanhatRows(database))).to.deep.equal(plain(expected));

            const [first] = one.sandbox.store.find("organizations", () => true);
            const held = await database.query<{ model: string; source_id: string; field: string | null }>(
              "select model, source_id, field from connector.holds",
            );
            const ways = [
              () => one.sync(),
              () => one.sync({ full: true }),
              () => one.sync({ companies: [first!["id"] as number] }),
              () => one.remap(),
            ];
            for (const way of ways) {
              await way();
              const synced = await readPlanhatRows(database);
              for (const { model, source_id, field } of held) {
                const key = `${model} ${source_id}`;
                if (field === null) expect(synced.has(key), key).to.equal(true);
                else expect(synced.get(key)?.[field], `${key} ${field}`).to.deep.equal(expected.get(key)?.[field]);
              }
            }
            // An undo can be undone: the run's values return, unless they were changed since.
            const restored = await readPlanhatRows(database);
            await one.undo(undo);
            const again = await readPlanhatRows(database);
            for (const { model, source_id, field } of held) {
              if (field === null) continue;
              const key = `${model} ${source_id}`;
              if (restored.has(key) && after.has(key)) {
                expect(again.get(key)?.[field], `${key} ${field}`).to.deep.equal(after.get(key)?.[field]);
              }
            }
            expect(await database.query("select * from connector.holds")).to.deep.equal([]);
          });
        }),
        { numRuns: runs },
      );
    });
  });
});
