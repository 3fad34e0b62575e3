import { countUnpublished } from "../../database/rows/published.ts";
import { forgetTenant, readPublishedTenant, savePublishedTenant } from "../../database/rows/tenants.ts";
import { type Held, readConsents } from "../../database/tables/consents.ts";
import { commitRun } from "../../database/tables/fence.ts";
import type { CompiledMapping } from "../../mapping/compiled-mapping.ts";
import { receives } from "../../mapping/direction.ts";
import { modelsMade } from "../../mapping/models-made.ts";
import type { ModelName } from "../../model-name.ts";
import { modelPaths, publishingOrder } from "../../planhat/model-paths.ts";
import { streamNames } from "../../stream-name.ts";
import { askConsent, howToAgree, tellHeld } from "../consent.ts";
import type { PlanhatConnection, Run, RunRequest, Tenant } from "../run-context.ts";

/**
 * Asks for consent to publish each model, and records what waits: the first publication of a model to a tenant needs
 * consent. `--yes` gives it for every model that the mapping fills, with or without rows. State about another tenant's
 * objects is removed once this one may be published to.
 */
export async function mayPublish(
  run: Run<RunRequest>,
  { client }: PlanhatConnection,
  { id: scope, isOther }: Tenant,
): Promise<ReadonlySet<ModelName>> {
  const { database, mapping } = run.request;
  const agreed = await readConsents(database, "publication", scope);
  const lacking = publishingOrder.filter((model) => !agreed.has(model));
  const counts = await countUnpublished(database, lacking, { everyRow: isOther });
  const filled = filledModels(mapping);
  const terms = lacking.filter((model) => filled.has(model) || counts.get(model)! > 0);
  const missing = await askConsent(run, { kind: "publication", scope, terms });
  // Everything belongs to a company, so nothing may be published before the companies.
  const models = missing.includes("company")
    ? []
    : publishingOrder.filter(
        (model) => !lacking.includes(model) || (terms.includes(model) && !missing.includes(model)),
      );
  const held = missing.map((model): Held => {
    const { thing, things } = modelPaths[model as ModelName];
    const count = counts.get(model as ModelName)!;
    const what = `${count === 1 ? thing : things} to publish to Planhat (${client.host}) for the first time`;
    return { what, count, remedy: howToAgree };
  });
  tellHeld(run, "publication", held);
  // A plan shows the result with consent.
  const shown = database.rehearsal ? publishingOrder : models;
  if (shown.length > 0) await publishTo(run, scope, isOther);
  return new Set(shown);
}

/** Returns the models for which the mapping creates rows. */
function filledModels(mapping: CompiledMapping): Set<ModelName> {
  const filled = streamNames.filter((stream) => receives(mapping[stream].direction));
  return new Set(filled.flatMap((stream) => modelsMade(mapping[stream])));
}

/** Records the tenant to which the database publishes from now on. */
async function publishTo(
  { request: { database }, id }: Run<RunRequest>,
  tenant: string,
  isOther: boolean,
): Promise<void> {
  if ((await readPublishedTenant(database)) === tenant) return;
  await commitRun(database, id, async (transaction) => {
    if (isOther) await forgetTenant(transaction);
    await savePublishedTenant(transaction, tenant);
  });
}
