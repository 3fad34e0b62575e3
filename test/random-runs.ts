import fc from "fast-check";
import type { AccountCatalog } from "../connector/account-catalog.ts";
import type { Database } from "../connector/database/database.ts";
import { checkMapping } from "../connector/mapping/check/check-mapping.ts";
import type { CompiledMapping } from "../connector/mapping/compiled-mapping.ts";
import { createBudget } from "../connector/pipedrive/client/budget.ts";
import { createClient } from "../connector/pipedrive/client/client.ts";
import { parseCompanyUrl } from "../connector/pipedrive/client/company-url.ts";
import { modelCatalog } from "../connector/planhat/models.ts";
import { renderProblems } from "../connector/problem.ts";
import { type Sandbox, startSandbox } from "../connector/sandbox/server.ts";
import type { SyncOutcome, SyncRequest } from "../connector/sync/run-context.ts";
import { prepareRun } from "../connector/sync/runs/prepare-run.ts";
import { runRemap } from "../connector/sync/runs/run-remap.ts";
import { runSync } from "../connector/sync/runs/run-sync.ts";
import { connectPlanhat } from "./both-ways/in-process.ts";
import {
  carryOutDeed,
  carryOutInPlanhat,
  customFieldsOfMappings,
  deeds,
  deedsInPlanhat,
  type MappingTexts,
  mappings,
} from "./random-work.ts";

/** One run of any kind: the events before it, its mapping, and its options. */
const step = fc.record({
  deeds,
  deedsInPlanhat,
  mapping: fc.option(mappings, { freq: 2 }),
  ending: fc.boolean(),
  kind: fc.constantFrom<"sync" | "remap">("sync", "sync", "sync", "remap"),
  options: fc.constantFrom<Partial<SyncRequest>>(
    {},
    {},
    { full: true },
    { followChanges: true },
    { companies: [1, 3] },
  ),
});

/** Random work: an account, its mapping, with Planhat's API or without, and the events before each run. */
export const randomWork = fc.record({
  seed: fc.nat(1_000_000),
  tenant: fc.boolean(),
  creates: fc.boolean(),
  mapping: mappings,
  steps: fc.array(step, { minLength: 2, maxLength: 4 }),
});

type Work = typeof randomWork extends fc.Arbitrary<infer Value> ? Value : never;

/**
 * Executes random work on an emptied database: `around` receives each run, to compare the tables before and after it.
 */
export async function carryOutWork(
  database: Database,
  { seed, tenant, creates, mapping, steps }: Work,
  around: (run: () => Promise<SyncOutcome>) => Promise<void>,
): Promise<void> {
  await emptyTables(database);
  const sandbox = await startSandbox({
    seed,
    ...{ organizations: 5, persons: 8, deals: 12, notes: 8, burstLimit: 1000 },
    dailyTokens: Number.POSITIVE_INFINITY,
    planhat: { callsPerMinute: Number.POSITIVE_INFINITY, customFields: customFieldsOfMappings },
  });
  try {
    let texts = mapping;
    for (const { deeds: done, deedsInPlanhat: doneThere, mapping: changed, ending, kind, options } of steps) {
      for (const deed of done) await carryOutDeed(sandbox.store, database, deed);
      for (const deed of tenant ? doneThere : []) carryOutInPlanhat(sandbox, deed);
      texts = changed ?? texts;
      await around(async () => {
        const request = await requestFor(database, sandbox, compiler(texts, { creates, ending }), {
          ...options,
          ...(tenant ? { planhat: await connectPlanhat(sandbox) } : {}),
        });
        if (kind === "sync") return runSync(request);
        return runRemap({ ...request, clearUnmapped: { agreement: { by: "test" } } });
      });
    }
  } finally {
    await sandbox.close();
  }
}

/** Returns the function that compiles mapping texts against an account. */
export function compiler(texts: MappingTexts, { creates, ending }: { creates: boolean; ending: boolean }) {
  const files = Object.entries(texts).map(([stream, text]) => {
    const sends = creates && stream === "organizations" && text!.includes("direction: both");
    return { name: `${stream}.yaml`, text: sends ? `create_in_pipedrive: true\n${text}` : text! };
  });
  return (catalog: AccountCatalog): CompiledMapping => {
    const { problems, mapping } = checkMapping(files, { models: modelCatalog, catalog });
    if (mapping === undefined || problems.some(({ severity }) => severity === "error"))
      throw new Error(renderProblems(problems, new Map(files.map(({ name, text }) => [name, text]))));
    if (!ending) return mapping;
    return { ...mapping, deals: { ...mapping.deals, whenLost: "end" }, fingerprint: `${mapping.fingerprint} end` };
  };
}

/** Returns the request of a sync of a sandbox's account, with the consent of a test. */
export async function requestFor(
  database: Database,
  sandbox: Sandbox,
  loadMapping: (catalog: AccountCatalog) => CompiledMapping,
  options: Partial<SyncRequest>,
): Promise<SyncRequest> {
  const budget = createBudget();
  const client = createClient({ companyUrl: parseCompanyUrl(sandbox.url), apiToken: sandbox.token, budget });
  return {
    ...{ database, client, budget, full: false, companies: [], followChanges: false, startDate: undefined },
    ...(await prepareRun({ database, client, budget, loadMapping })),
    signal: new AbortController().signal,
    agreement: { by: "test" },
    sending: { client, warn: () => {} },
    ...options,
  };
}

/** Empties all tables of a database but those of its schema. */
export async function emptyTables(database: Database): Promise<void> {
  const tables = await database.query<{ name: string }>(
    `select quote_ident(schemaname) || '.' || quote_ident(tablename) as name from pg_tables
     where schemaname in ('pipedrive', 'planhat', 'connector') and tablename not in ('migrations', 'fence')`,
  );
  await database.query(`truncate ${tables.map(({ name }) => name).join(", ")} restart identity cascade`);
}
