import { randomUUID } from "node:crypto";
import {
  publishedModels,
  readPublishedTenant,
  readTenant,
  savePublishedTenant,
  saveTenant,
  somePublishedCompanies,
} from "../../database/rows/tenants.ts";
import { storeConsents } from "../../database/tables/consents.ts";
import { commitRun } from "../../database/tables/fence.ts";
import type { PlanhatClient } from "../../planhat/client.ts";
import { modelPaths } from "../../planhat/model-paths.ts";
import type { Run, RunRequest, Tenant } from "../run-context.ts";

/** Published companies that are looked up to recognize a tenant. */
const mostLooks = 5;

/**
 * Identifies the tenant to which a run publishes. Planhat's API names none, so it is identified by a hash of the
 * address and the token. After either changed, a tenant that has a company published by this database is the same one.
 * So is the tenant of a database from which an earlier version published: the models that it published count as
 * approved.
 */
export async function knowTenant(run: Run<RunRequest>, client: PlanhatClient): Promise<Tenant> {
  const { database } = run.request;
  const { mark, host } = client;
  const published = await readPublishedTenant(database);
  const known = await readTenant(database, mark);
  if (known !== undefined) return { id: known, isOther: published !== undefined && known !== published };
  const companies = await somePublishedCompanies(database, mostLooks);
  const isSame = await hasOneOf(client, companies);
  const isOther = !isSame && companies.length > 0;
  const id = isSame ? (published ?? randomUUID()) : randomUUID();
  await commitRun(database, run.id, async (transaction) => {
    await saveTenant(transaction, { mark, tenant: id, host });
    if (isSame && published === undefined) {
      await savePublishedTenant(transaction, id);
      const consent = { kind: "publication", scope: id, by: "an earlier version", runId: run.id } as const;
      await storeConsents(transaction, consent, await publishedModels(transaction));
    }
    // The tenant of the earlier version is unknown, except that it is none of those met here.
    if (isOther && published === undefined) await savePublishedTenant(transaction, randomUUID());
  });
  return { id, isOther };
}

async function hasOneOf(
  client: PlanhatClient,
  companies: readonly { sourceId: string; planhatId: string }[],
): Promise<boolean> {
  const { path, things } = modelPaths.company;
  for (const { sourceId, planhatId } of companies) {
    const company = await client.find(path, planhatId, things);
    if (company !== undefined && company["sourceId"] === sourceId) return true;
  }
  return false;
}
