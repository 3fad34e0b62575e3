import type { AccountCatalog } from "../../connector/account-catalog.ts";
import type { Database } from "../../connector/database/database.ts";
import { inLockedDatabase } from "../../connector/database/open/in-locked-database.ts";
import { checkMapping } from "../../connector/mapping/check/check-mapping.ts";
import type { CompiledMapping } from "../../connector/mapping/compiled-mapping.ts";
import { readAccount } from "../../connector/pipedrive/account/account.ts";
import { createBudget } from "../../connector/pipedrive/client/budget.ts";
import { createClient } from "../../connector/pipedrive/client/client.ts";
import { parseCompanyUrl } from "../../connector/pipedrive/client/company-url.ts";
import { modelCatalog } from "../../connector/planhat/models.ts";
import { prepareRun } from "../../connector/sync/runs/prepare-run.ts";
import { runSync } from "../../connector/sync/runs/run-sync.ts";
import type { Summary } from "../../connector/sync/summary.ts";

/** Mapping files that create rows of every model, and reject some of every stream's records. */
export const mappingFiles = {
  "organizations.yaml": `stream: organizations
fields:
  - {planhat: name, pipedrive: name}
  - {planhat: city, pipedrive: address.locality}
  - {planhat: web, pipedrive: website}
  - {planhat: custom.Since, pipedrive: Customer since, required: true}
`,
  "persons.yaml": `stream: persons
fields:
  - {planhat: email, pipedrive: emails.primary, transform: [trim, lowercase]}
  - {planhat: firstName, pipedrive: first_name}
  - {planhat: lastName, pipedrive: last_name, required: true}
  - {planhat: custom.Company, pipedrive: $organization.name}
`,
  "notes.yaml": `stream: notes
fields:
  - {planhat: description, pipedrive: content}
  - {planhat: date, pipedrive: add_time}
`,
  "deals.yaml": `stream: deals
start_date: [won_time]
models:
  - model: sale
    when: {field: Deal type, in: [One-off, Services]}
    fields:
      - {planhat: _currency, pipedrive: currency}
      - {planhat: salesDate, pipedrive: $start_date}
      - {planhat: value, pipedrive: value}
      - {planhat: product, pipedrive: title}
  - model: license
    fields:
      - {planhat: _currency, pipedrive: currency}
      - {planhat: fromDate, pipedrive: $start_date}
      - {planhat: value, pipedrive: value}
      - {planhat: product, pipedrive: title}
`,
};

function compile(files: Readonly<Record<string, string>>, catalog: AccountCatalog): CompiledMapping {
  const list = Object.entries(files).map(([name, text]) => ({ name, text }));
  const { problems, mapping } = checkMapping(list, { models: modelCatalog, catalog });
  const errors = problems.filter(({ severity }) => severity === "error");
  if (mapping === undefined || errors.length > 0) throw new Error(errors.map(({ message }) => message).join("\n"));
  return mapping;
}

/**
 * Runs one sync of everything like the command, in this process: without real waits, with silences of `silence`
 * milliseconds, and this machine's clock off by `clockSkew` milliseconds. Uses `database` if one is open, and the
 * mapping of `files` if given. Throws the failure that ended it.
 */
export async function syncInProcess(
  { url, token, location }: { url: string; token: string; location: string },
  {
    silence = 30_000,
    clockSkew = 0,
    database: open,
    files = mappingFiles,
  }: { silence?: number; clockSkew?: number; database?: Database; files?: Readonly<Record<string, string>> } = {},
): Promise<Summary> {
  let skipped = clockSkew;
  const budget = createBudget({
    clock: () => Date.now() + skipped,
    sleep: async (milliseconds) => {
      skipped += milliseconds;
    },
  });
  // A dripping answer uses all the time allowed.
  const patience = { silence, firstPause: 1, longestPause: 10, total: silence < 1_000 ? 1_500 : 40_000 };
  const client = createClient({ companyUrl: parseCompanyUrl(url), apiToken: token, budget, patience });
  await readAccount(client);
  const { signal } = new AbortController();
  const work = async (database: Database) => {
    const prepared = await prepareRun({ database, client, budget, loadMapping: (catalog) => compile(files, catalog) });
    const { summary, failure } = await runSync({
      database,
      client,
      budget,
      ...prepared,
      full: false,
      companies: [],
      followChanges: true,
      startDate: undefined,
      signal,
    });
    if (failure !== undefined) throw failure;
    return summary;
  };
  return open === undefined ? inLockedDatabase(location, { signal, waitSeconds: 30 }, work) : work(open);
}
