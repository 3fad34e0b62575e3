import type { Database } from "../../connector/database/database.ts";
import { checkMapping } from "../../connector/mapping/check/check-mapping.ts";
import { createBudget } from "../../connector/pipedrive/client/budget.ts";
import { createClient } from "../../connector/pipedrive/client/client.ts";
import { parseCompanyUrl } from "../../connector/pipedrive/client/company-url.ts";
import { createPlanhatClient } from "../../connector/planhat/client.ts";
import { readCustomFieldNames } from "../../connector/planhat/custom-fields.ts";
import { modelCatalog } from "../../connector/planhat/models.ts";
import { renderProblems } from "../../connector/problem.ts";
import type { Sandbox } from "../../connector/sandbox/server.ts";
import type { PlanhatConnection, SyncRequest } from "../../connector/sync/run-context.ts";
import { prepareRun } from "../../connector/sync/runs/prepare-run.ts";
import { runSync } from "../../connector/sync/runs/run-sync.ts";
import type { Summary } from "../../connector/sync/summary.ts";

/** Returns the sandbox's Planhat in the form that a run accepts. */
export async function connectPlanhat({ planhat: { token, url } }: Sandbox): Promise<PlanhatConnection> {
  const client = createPlanhatClient({ api_token: token, api_url: url });
  return { client, customFields: await readCustomFieldNames(client) };
}

/**
 * Runs one sync like the command with `--yes` and `follow_changes`, in this process, without real waits. Throws the
 * failure that ended it.
 */
export async function syncBothWays(
  database: Database,
  sandbox: Sandbox,
  texts: Readonly<Record<string, string>>,
  options: Partial<SyncRequest>,
): Promise<Summary> {
  let skipped = 0;
  const budget = createBudget({
    clock: () => Date.now() + skipped,
    sleep: async (milliseconds) => {
      skipped += milliseconds;
    },
  });
  const client = createClient({ companyUrl: parseCompanyUrl(sandbox.url), apiToken: sandbox.token, budget });
  const files = Object.entries(texts).map(([name, text]) => ({ name, text }));
  const prepared = await prepareRun({
    database,
    client,
    budget,
    loadMapping(catalog) {
      const { problems, mapping: compiled } = checkMapping(files, { models: modelCatalog, catalog });
      if (compiled !== undefined && !problems.some(({ severity }) => severity === "error")) return compiled;
      throw new Error(renderProblems(problems, new Map(files.map(({ name, text }) => [name, text]))));
    },
  });
  const { summary, failure } = await runSync({
    database,
    client,
    budget,
    ...prepared,
    full: false,
    companies: [],
    followChanges: true,
    startDate: undefined,
    signal: new AbortController().signal,
    sending: { client, warn: () => {} },
    agreement: { by: "test" },
    ...options,
  });
  if (failure !== undefined) throw failure;
  return summary;
}
