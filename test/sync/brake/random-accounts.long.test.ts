import { expect } from "chai";
import fc from "fast-check";
import type { AccountCatalog } from "../../../connector/account-catalog.ts";
import type { Database } from "../../../connector/database/database.ts";
import { rehearse } from "../../../connector/database/rehearsal/rehearse.ts";
import { checkMapping } from "../../../connector/mapping/check/check-mapping.ts";
import type { CompiledMapping } from "../../../connector/mapping/compiled-mapping.ts";
import { createBudget } from "../../../connector/pipedrive/client/budget.ts";
import { createClient } from "../../../connector/pipedrive/client/client.ts";
import { parseCompanyUrl } from "../../../connector/pipedrive/client/company-url.ts";
import { modelCatalog } from "../../../connector/planhat/models.ts";
import { renderProblems } from "../../../connector/problem.ts";
import { type Sandbox, startSandbox } from "../../../connector/sandbox/server.ts";
import { runPlan } from "../../../connector/sync/plan/run-plan.ts";
import type { PlannedChange } from "../../../connector/sync/planned.ts";
import type { SyncRequest } from "../../../connector/sync/run-context.ts";
import { prepareRun } from "../../../connector/sync/runs/prepare-run.ts";
import { runSync } from "../../../connector/sync/runs/run-sync.ts";
import { eachDatabase } from "../../databases.ts";
import { carryOutDeed, deeds, type MappingTexts, mappings } from "../../random-work.ts";
import { type RowDifference, type Rows, readPlanhatRows, rowDifference } from "../../row-difference.ts";

/** Events before a sync: a mapping edit, actions in Pipedrive, or both. */
const step = fc.record({
  deeds: fc.option(deeds, { nil: [] }),
  mapping: fc.option(mappings, { freq: 3 }),
  full: fc.boolean(),
});
const work = fc.record({
  seed: fc.nat(1_000_000),
  limits: fc.record({ share: fc.constantFrom(0, 0.2, 0.5), rows: fc.constantFrom(0, 1, 3) }),
  mapping: mappings,
  steps: fc.array(step, { minLength: 2, maxLength: 4 }),
});

function compile(texts: MappingTexts, catalog: AccountCatalog): CompiledMapping {
  const files = Object.entries(texts).map(([stream, text]) => ({ name: `${stream}.yaml`, text }));
  const { problems, mapping } = checkMapping(files, { models: modelCatalog, catalog });
  if (mapping !== undefined && !problems.some(({ severity }) => severity === "error")) return mapping;
  throw new Error(renderProblems(problems, new Map(files.map(({ name, text }) => [name, text]))));
}

async function requestFor(
  database: Database,
  sandbox: Sandbox,
  texts: MappingTexts,
  options: Pick<SyncRequest, "full" | "brake">,
): Promise<SyncRequest> {
  const budget = createBudget();
  const client = createClient({ companyUrl: parseCompanyUrl(sandbox.url), apiToken: sandbox.token, budget });
  const prepared = await prepareRun({ database, client, budget, loadMapping: (catalog) => compile(texts, catalog) });
  const signal = new AbortController().signal;
  return {
    database,
    client,
    budget,
    ...prepared,
    companies: [],
    followChanges: false,
    startDate: undefined,
    signal,
    ...options,
  };
}

/**
 * Returns the rows of each model in which a value was lost; if only the mapping changed, also those in which it was
 * replaced.
 */
function harmIn(differences: readonly RowDifference[], byMapping: boolean): Map<string, number> {
  const harmed = new Map<string, number>();
  for (const { model, action, fields } of differences) {
    const isHarm = Object.values(fields).some(({ from, to }) => from != null && (to == null || byMapping));
    if (action === "delete" || (action === "update" && isHarm)) harmed.set(model, (harmed.get(model) ?? 0) + 1);
  }
  return harmed;
}

/** Removes row ids of new companies: those that a stopped run drew are not drawn again. */
function withoutRowIds(changes: readonly { fields: object }[]): object[] {
  return changes.map((change) => ({
    ...change,
    fields: { ...change.fields, ...("companyId" in change.fields ? { companyId: "a company" } : {}) },
  }));
}

function rowsOf(rows: Rows, model: string): number {
  return [...rows.keys()].filter((key) => key.startsWith(`${model} `)).length;
}

async function emptyTables(database: Database): Promise<void> {
  const tables = await database.query<{ name: string }>(
    `select quote_ident(schemaname) || '.' || quote_ident(tablename) as name from pg_tables
     where schemaname in ('pipedrive', 'planhat', 'connector') and tablename not in ('migrations', 'fence')`,
  );
  await database.query(`truncate ${tables.map(({ name }) => name).join(", ")} restart identity cascade`);
}

describe("whatever the account, the mapping and what is done", function () {
  this.timeout(1_200_000);
  eachDatabase((open) => {
    it("no run harms more than the brake lets it; a plan says what is held, and --yes does what it showed", async () => {
      const database = await open();
      let stops = 0;
      await fc.assert(
        fc.asyncProperty(work, async ({ seed, limits, mapping, steps }) => {
          await emptyTables(database);
          const size = { organizations: 5, persons: 8, deals: 12, notes: 8 };
          const sandbox = await startSandbox({ seed, ...size, burstLimit: 1e6, dailyTokens: Number.POSITIVE_INFINITY });
          try {
            let texts = mapping;
            await runSync(await requestFor(database, sandbox, texts, { full: false }));
            for (const { deeds: done, mapping: changed, full } of steps) {
              const inPipedrive = done.filter(({ kind }) => kind !== "by hand");
              for (const deed of inPipedrive) await carryOutDeed(sandbox.store, database, deed);
              texts = changed ?? texts;
              const byMapping = changed !== null && inPipedrive.length === 0;
              const asked = { full, brake: { limits } };
              const planned = await rehearse(database, async (rehearsal) => {
                const plan = await runPlan(await requestFor(rehearsal, sandbox, texts, asked));
                if (plan.failure !== undefined) throw plan.failure;
                const changes: PlannedChange[] = [];
                for await (const { change } of plan.rows()) if (change !== undefined) changes.push(change);
                return { changes, held: plan.summary.held };
              });
              const before = await readPlanhatRows(database);
              const { summary, failure } = await runSync(await requestFor(database, sandbox, texts, asked));
              expect(summary.held).to.deep.equal(planned.held);
              const committed = rowDifference(before, await readPlanhatRows(database));
              for (const [model, harmed] of harmIn(committed, byMapping)) {
                const most = Math.max(limits.rows, limits.share * rowsOf(before, model));
                expect(harmed, `harmed rows of ${model}`).to.be.at.most(most);
              }
              if (summary.status === "held") {
                stops++;
                expect(failure).to.be.instanceOf(Error);
                const again = await runSync(await requestFor(database, sandbox, texts, asked));
                expect(again.summary.status).to.equal("held");
                const agreed = { full: false, brake: { limits, agreement: { by: "test" } } };
                const last = await runSync(await requestFor(database, sandbox, texts, agreed));
                if (last.failure !== undefined) throw last.failure;
                expect(last.summary.held).to.deep.equal([]);
              } else if (failure !== undefined) throw failure;
              const difference = rowDifference(before, await readPlanhatRows(database));
              expect(withoutRowIds(difference)).to.deep.equal(withoutRowIds(planned.changes));
              expect(await database.query("select * from connector.harm")).to.deep.equal([]);
              expect(await database.query("select * from connector.pending")).to.deep.equal([]);
            }
          } finally {
            await sandbox.close();
          }
        }),
        { numRuns: Number(process.env["BRAKE_RUNS"] ?? 12), endOnFailure: true },
      );
      expect(stops).to.be.greaterThan(0);
    });
  });
});
