import type { CompiledMapping } from "../../mapping/compiled-mapping.ts";
import { modelsMade } from "../../mapping/models-made.ts";
import type { RevenueKind } from "../../model-name.ts";
import { hideSecrets } from "../../secrets.ts";
import { streamNames } from "../../stream-name.ts";
import type { TriedTenant } from "./first-files.ts";

/** The address and token of a Planhat tenant, not yet tried. */
export type TenantAnswer = Omit<TriedTenant, "kind">;

/**
 * Asks a Planhat tenant which revenue models it has; one that shows neither or both counts as one of licenses. Throws a
 * Failure for a token that Planhat refuses, and if Planhat cannot be reached.
 */
export async function findTenant({ token, apiUrl }: TenantAnswer, signal: AbortSignal): Promise<TriedTenant> {
  hideSecrets([token]);
  const { findKind } = await import("../../planhat/rights.ts");
  const kind: RevenueKind = (await findKind(await clientOf({ token, apiUrl }, signal))) ?? "licenses";
  return { token, apiUrl, kind };
}

/**
 * Checks that the token may read and write each model that the mapping fills. Returns what was found, as a phrase.
 * Throws a Failure that names every missing model and right.
 */
export async function tryTenant(tenant: TriedTenant, mapping: CompiledMapping, signal: AbortSignal): Promise<string> {
  const { checkRights, kindNames } = await import("../../planhat/rights.ts");
  const client = await clientOf(tenant, signal);
  const models = streamNames.flatMap((stream) => modelsMade(mapping[stream]));
  const found = await checkRights(client, [...new Set(models)]);
  return `${client.host}, with ${kindNames[tenant.kind]}: may read and write ${found.join(", ")}`;
}

async function clientOf({ token, apiUrl }: TenantAnswer, signal: AbortSignal) {
  const { createPlanhatClient } = await import("../../planhat/client.ts");
  return createPlanhatClient(
    { api_token: token, api_url: apiUrl },
    { signal, patience: { tries: 2, silence: 30_000 } },
  );
}
