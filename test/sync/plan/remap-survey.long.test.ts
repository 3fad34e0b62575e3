import { expect } from "chai";
import fc from "fast-check";
import type { AccountCatalog } from "../../../connector/account-catalog.ts";
import type { Database } from "../../../connector/database/database.ts";
import { asIfSourceId } from "../../../connector/database/rehearsal/as-if-rows.ts";
import { checkMapping } from "../../../connector/mapping/check/check-mapping.ts";
import type { CompiledMapping } from "../../../connector/mapping/compiled-mapping.ts";
import { modelNames } from "../../../connector/model-name.ts";
import { createBudget } from "../../../connector/pipedrive/client/budget.ts";
import { createClient } from "../../../connector/pipedrive/client/client.ts";
import { parseCompanyUrl } from "../../../connector/pipedrive/client/company-url.ts";
import { modelCatalog } from "../../../connector/planhat/models.ts";
import { renderProblems } from "../../../connector/problem.ts";
import { type Sandbox, startSandbox } from "../../../connector/sandbox/server.ts";
import { surveyRemap } from "../../../connector/sync/plan/survey-remap.ts";
import { prepareRun } from "../../../connector/sync/runs/prepare-run.ts";
import { runRemap } from "../../../connector/sync/runs/run-remap.ts";
import { runSync } from "../../../connector/sync/runs/run-sync.ts";
import { eachDatabase } from "../../databases.ts";
import { carryOutDeed, deeds, type MappingTexts, mappings } from "../../random-work.ts";
import { readPlanhatRows, rowDifference } from "../../row-difference.ts";
import { wholeHub } from "../../whole-hub.ts";

const work = fc.record({
  seed: fc.nat(1_000_000),
  mapping: mappings,
  lostEnd: fc.boolean(),
  /** Events before a sync, and the mapping that is tried after it. */
  steps: fc.array(fc.record({ deeds, byHand: deeds, tried: mappings }), { minLength: 2, maxLength: 3 }),
});

function compile(texts: MappingTexts, catalog: AccountCatalog, lostEnd: boolean): CompiledMapping {
  const files = Object.entries(texts).map(([stream, text]) => ({ name: `${stream}.yaml`, text }));
  const { problems, mapping } = checkMapping(files, { models: modelCatalog, catalog });
  if (mapping === undefined || problems.some(({ severity }) => severity === "error"))
    throw new Error(renderProblems(problems, new Map(files.map(({ name, text }) => [name, text]))));
  return lostEnd ? { ...mapping, deals: { ...mapping.deals, whenLost: "end" } } : mapping;
}

/** Compiles the mapping for the account, like every run, and prepares the other inputs of a run. */
async function material(database: Database, sandbox: Sandbox, texts: MappingTexts, lostEnd: boolean) {
  const budget = createBudget();
  const client = createClient({ companyUrl: parseCompanyUrl(sandbox.url), apiToken: sandbox.token, budget });
  const loadMapping = (catalog: AccountCatalog) => compile(texts, catalog, lostEnd);
  const prepared = await prepareRun({ database, client, budget, loadMapping });
  return { database, client, budget, ...prepared, signal: new AbortController().signal };
}

async function emptyTables(database: Database): Promise<void> {
  const tables = await database.query<{ name: string }>(
    `select quote_ident(schemaname) || '.' || quote_ident(tablename) as name from pg_tables
     where schemaname in ('pipedrive', 'planhat', 'connector') and tablename not in ('migrations', 'fence')`,
  );
  await database.query(`truncate ${tables.map(({ name }) => name).join(", ")} restart identity cascade`);
}

describe("whatever the account and the mapping that somebody tries", function () {
  this.timeout(1_200_000);
  eachDatabase((open) => {
    it("plan --remap writes nothing, and counts and shows exactly what remap then does", async () => {
      const database = await open();
      await fc.assert(
        fc.asyncProperty(work, async ({ seed, mapping, lostEnd, steps }) => {
          await emptyTables(database);
          const options = { organizations: 5, persons: 8, deals: 12, notes: 8, burstLimit: 1000 };
          const sandbox = await startSandbox({ seed, ...options, dailyTokens: Number.POSITIVE_INFINITY });
          try {
            let texts = mapping;
            for (const { deeds: done, byHand, tried } of steps) {
              for (const deed of done) await carryOutDeed(sandbox.store, database, deed);
              const all = { full: false, companies: [], followChanges: false, startDate: undefined };
              const { failure } = await runSync({ ...all, ...(await material(database, sandbox, texts, lostEnd)) });
              if (failure !== undefined) throw failure;
              for (const deed of byHand) if (deed.kind === "by hand") await carryOutDeed(sandbox.store, database, deed);

              texts = tried;
              const run = await material(database, sandbox, texts, lostEnd);
              const before = await wholeHub(database);
              const survey = await surveyRemap(database, run.mapping, run.signal, { most: Number.POSITIVE_INFINITY });
              expect(await wholeHub(database), "what it leaves behind").to.deep.equal(before);

              const rowsBefore = await readPlanhatRows(database);
              const outcome = await runRemap(run);
              if (outcome.failure !== undefined) throw outcome.failure;
              const difference = rowDifference(rowsBefore, await readPlanhatRows(database));
              const companies = await database.query<{ id: string; source_id: string }>(
                "select id, source_id from planhat.companies where source_id is not null",
              );
              const idOf = new Map(companies.map(({ id, source_id }) => [source_id, id]));
              const real = (id: unknown) => (typeof id === "string" ? (idOf.get(asIfSourceId(id) ?? "") ?? id) : id);
              for (const model of modelNames) {
                const counted = survey.models[model];
                const shown = new Map(
                  counted.first.map(({ source_id, action, fields: { companyId, ...fields } }) => [
                    source_id,
                    {
                      action,
                      fields,
                      company: companyId && { from: companyId.from, to: real(companyId.to) },
                    },
                  ]),
                );
                const made = new Map(
                  difference
                    .filter((change) => change.model === model)
                    .map(({ source_id, action, fields: { companyId, ...fields } }) => [
                      source_id,
                      { action, fields, company: companyId },
                    ]),
                );
                expect(shown, model).to.deep.equal(made);
                const { create, update, delete: removed } = counted;
                expect(create + update + removed, model).to.equal(made.size);
              }
              const rejected = await database.query<{ key: string }>(
                `select distinct concat_ws(' ', stream, record_id, model, field) as key from connector.rejections
                 where run_id = $1 order by 1`,
                [outcome.summary.run],
              );
              const expected = survey.rejections.first.map(({ stream, recordId, model, field }) =>
                [stream, recordId, model, ...(field === null ? [] : [field])].join(" "),
              );
              expect([...new Set(expected)].sort()).to.have.members(rejected.map(({ key }) => key));
              expect(survey.summary.streams.deals.eligible).to.equal(outcome.summary.streams.deals.eligible);
            }
          } finally {
            await sandbox.close();
          }
        }),
        { numRuns: Number(process.env["PLAN_RUNS"] ?? 5) },
      );
    });
  });
});
