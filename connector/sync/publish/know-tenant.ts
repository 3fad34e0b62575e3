import { randomUUID } from "node:crypto";
import { storeConsents } from "../../database/consents.ts";
import { holdFence } from "../../database/fence.ts";
import {
  publishedModels,
  readPublishedTenant,
  readTenant,
  savePublishedTenant,
  saveTenant,
  somePublishedCompanies,
} from "../../database/tenants.ts";
import type { PlanhatClient } from "../../planhat/client.ts";
import { modelPaths } from "../../planhat/model-paths.ts";
import type { Run, RunRequest, Tenant } from "../run-context.ts";

/** So many published companies are looked for to tell a tenant again. */
const mostLooks = 5;

/**
 * Finds out which tenant a run publishes to. Planhat's API names none, so it goes by the address and the token, of which a
 * hash is kept. After either was changed, a tenant that has a company which this database published is the same one. So is
 * the tenant of a database that an earlier version published from: the models that it published count as agreed to.
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
  await database.transaction(async (transaction) => {
    await saveTenant(transaction, { mark, tenant: id, host });
    if (isSame && published === undefined) {
      await savePublishedTenant(transaction, id);
      const consent = { kind: "publication", scope: id, by: "an earlier version", runId: run.id } as const;
      await storeConsents(transaction, consent, await publishedModels(transaction));
    }
    // Of the tenant that an earlier version published to nothing is known but that it is none that this one has met.
    if (isOther && published === undefined) await savePublishedTenant(transaction, randomUUID());
    await holdFence(transaction, run.id);
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
