import { expect } from "chai";
import fc from "fast-check";
import type { AccountCatalog } from "../../../connector/account-catalog.ts";
import type { Database } from "../../../connector/database/database.ts";
import { rehearse } from "../../../connector/database/rehearsal/rehearse.ts";
import { checkMapping } from "../../../connector/mapping/check/check-mapping.ts";
import type { CompiledMapping } from "../../../connector/mapping/compiled-mapping.ts";
import type { ModelName } from "../../../connector/model-name.ts";
import { createBudget } from "../../../connector/pipedrive/client/budget.ts";
import { createClient } from "../../../connector/pipedrive/client/client.ts";
import { parseCompanyUrl } from "../../../connector/pipedrive/client/company-url.ts";
import { modelCatalog } from "../../../connector/planhat/models.ts";
import { renderProblems } from "../../../connector/problem.ts";
import { type Sandbox, startSandbox } from "../../../connector/sandbox/server.ts";
import { runPlan } from "../../../connector/sync/plan/run-plan.ts";
import type { PlannedChange, PlannedPublication } from "../../../connector/sync/planned.ts";
import type { SyncRequest } from "../../../connector/sync/run-context.ts";
import { prepareRun } from "../../../connector/sync/runs/prepare-run.ts";
import { runSync } from "../../../connector/sync/runs/run-sync.ts";
import type { Summary } from "../../../connector/sync/summary.ts";
import { connectPlanhat } from "../../both-ways/in-process.ts";
import { eachDatabase } from "../../databases.ts";
import {
  carryOutDeed,
  carryOutInPlanhat,
  customFieldsOfMappings,
  deeds,
  deedsInPlanhat,
  type MappingTexts,
  mappings,
} from "../../random-work.ts";
import { readPlanhatRows, rowDifference } from "../../row-difference.ts";
import { wholeHub } from "../../whole-hub.ts";

/** One sync that is planned first: the changes before it, its mapping, and its options. */
const step = fc.record({
  deeds,
  deedsInPlanhat,
  mapping: fc.option(mappings, { freq: 2 }),
  options: fc.constantFrom<Partial<SyncRequest>>(
    {},
    {},
    { full: true },
    { followChanges: true },
    { companies: [1, 3] },
    { startDate: "2026-06-01T00:00:00Z" },
  ),
});
const work = fc.record({
  seed: fc.nat(1_000_000),
  tenant: fc.boolean(),
  mapping: mappings,
  steps: fc.array(step, { minLength: 2, maxLength: 3 }),
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
  options: Partial<SyncRequest>,
): Promise<SyncRequest> {
  const budget = createBudget();
  const client = createClient({ companyUrl: parseCompanyUrl(sandbox.url), apiToken: sandbox.token, budget });
  const prepared = await prepareRun({ database, client, budget, loadMapping: (catalog) => compile(texts, catalog) });
  return {
    database,
    client,
    budget,
    ...prepared,
    full: false,
    companies: [],
    followChanges: false,
    startDate: undefined,
    signal: new AbortController().signal,
    agreement: { by: "test" },
    ...options,
  };
}

async function planOf(...[database, sandbox, texts, options]: Parameters<typeof requestFor>) {
  return rehearse(database, async (rehearsal) => {
    const plan = await runPlan(await requestFor(rehearsal, sandbox, texts, options));
    if (plan.failure !== undefined) throw plan.failure;
    const changes: PlannedChange[] = [];
    for await (const { change } of plan.rows()) if (change !== undefined) changes.push(change);
    const rejections: object[] = [];
    for await (const rejection of plan.rejections()) rejections.push(rejection);
    const conflicts: object[] = [];
    for await (const conflict of plan.conflicts()) conflicts.push(conflict);
    return { summary: plan.summary, changes, rejections, conflicts, publication: plan.publication };
  });
}

async function emptyTables(database: Database): Promise<void> {
  const tables = await database.query<{ name: string }>(
    `select quote_ident(schemaname) || '.' || quote_ident(tablename) as name from pg_tables
     where schemaname in ('pipedrive', 'planhat', 'connector') and tablename not in ('migrations', 'fence')`,
  );
  await database.query(`truncate ${tables.map(({ name }) => name).join(", ")} restart identity cascade`);
}

/** Returns the published objects of each model: created, and existing ones. */
function told(summary: Summary): Record<string, object> {
  const models = Object.entries(summary.planhat!.published);
  return Object.fromEntries(
    models.map(([model, { created, updated, unchanged, deleted }]) => [
      model,
      { created, there: updated + unchanged, deleted },
    ]),
  );
}

/** Returns the planned publication in the form of `told`. */
function plannedToBeTold({ published, deleted }: PlannedPublication): Record<string, object> {
  return Object.fromEntries(
    Object.entries(published).map(([model, { create, take_over, update }]) => [
      model,
      { created: create, there: take_over + update, deleted: deleted[model as ModelName] },
    ]),
  );
}

async function countPublished(database: Database): Promise<Record<string, number>> {
  const rows = await database.query<{ model: string; count: number }>(
    `select p.model, count(*)::int as count from connector.published as p
     join (select 'company' as model, source_id from planhat.companies
           union all select 'enduser', source_id from planhat.endusers
           union all select 'note', source_id from planhat.notes
           union all select 'license', source_id from planhat.licenses
           union all select 'sale', source_id from planhat.sales) as r using (model, source_id)
     where p.hash is not null group by 1`,
  );
  return Object.fromEntries(rows.map(({ model, count }) => [model, count]));
}

describe("whatever the account, the changes and the mapping", function () {
  this.timeout(1_200_000);
  eachDatabase((open) => {
    it("a plan writes nothing at all, and shows exactly what the next sync does", async () => {
      const database = await open();
      await fc.assert(
        fc.asyncProperty(work, async ({ seed, tenant, mapping, steps }) => {
          await emptyTables(database);
          const written: string[] = [];
          const sandbox = await startSandbox({
            seed,
            organizations: 5,
            persons: 8,
            deals: 12,
            notes: 8,
            burstLimit: 1000,
            dailyTokens: Number.POSITIVE_INFINITY,
            planhat: {
              callsPerMinute: Number.POSITIVE_INFINITY,
              customFields: customFieldsOfMappings,
              intercept({ method, path }) {
                if (method !== "GET") written.push(`${method} ${path}`);
                return undefined;
              },
            },
          });
          try {
            let texts = mapping;
            for (const { deeds: done, deedsInPlanhat: doneThere, mapping: changed, options } of steps) {
              for (const deed of done) await carryOutDeed(sandbox.store, database, deed);
              for (const deed of tenant ? doneThere : []) carryOutInPlanhat(sandbox, deed);
              texts = changed ?? texts;
              const all = async () => ({ ...options, ...(tenant ? { planhat: await connectPlanhat(sandbox) } : {}) });
              const before = await wholeHub(database);
              const plan = await planOf(database, sandbox, texts, await all());
              expect(await wholeHub(database), "what a plan leaves behind").to.deep.equal(before);
              expect(written.splice(0), "what a plan sends to Planhat").to.deep.equal([]);

              const rowsBefore = await readPlanhatRows(database);
              const { summary, failure } = await runSync(await requestFor(database, sandbox, texts, await all()));
              if (failure !== undefined) throw failure;
              written.splice(0);
              const difference = rowDifference(rowsBefore, await readPlanhatRows(database));
              expect(plan.changes).to.deep.equal(difference);
              const { run: _planned, seconds: _slow, planhat: there, ...planned } = plan.summary;
              const { run, seconds: _fast, planhat, ...synced } = summary;
              expect(planned).to.deep.equal(synced);
              expect(there?.received).to.deep.equal(planhat?.received);
              const rejected = await database.query<{ recordId: string | null }>(
                `select stream, record_id as "recordId", model, field, reason from connector.rejections
                 where run_id = $1`,
                [run],
              );
              // Ids come in the order of storing, which on a server is not always that of the plan.
              expect(
                (plan.rejections as { id: string }[]).map(({ id: _, ...rejection }) => rejection),
              ).to.have.deep.members(
                rejected.map((row) => ({ ...row, recordId: row.recordId === null ? null : Number(row.recordId) })),
              );
              expect(plan.conflicts).to.deep.equal(
                (
                  await database.query<{ winner: string; pipedrive: unknown; planhat: unknown }>(
                    `select stream, record_id::int, field, pipedrive, planhat, winner from connector.conflicts
                     where run_id = $1 order by id`,
                    [run],
                  )
                ).map((row) => ({ ...row, lost: row.winner === "planhat" ? row.pipedrive : row.planhat })),
              );
              if (!tenant) continue;
              expect(plannedToBeTold(plan.publication!)).to.deep.equal(told(summary));
              const published = await countPublished(database);
              for (const [model, counts] of Object.entries(plan.publication!.published)) {
                const sum = counts.create + counts.take_over + counts.update + counts.same;
                expect(sum, model).to.equal(published[model] ?? 0);
              }
            }
          } finally {
            await sandbox.close();
          }
        }),
        { numRuns: Number(process.env["PLAN_RUNS"] ?? 5), interruptAfterTimeLimit: 900_000 },
      );
    });
  });
});
