import type { Config } from "../../config/config.ts";
import { Failure } from "../../failure.ts";
import type { CompiledMapping } from "../../mapping/compiled-mapping.ts";
import { modelsMade } from "../../mapping/models-made.ts";
import type { ProbeResult } from "../../planhat/probe-tenant.ts";
import { streamNames } from "../../stream-name.ts";
import { refuseUnknownFields } from "../mapping/look-at-planhat.ts";

/** Tests Planhat's API for `check`: custom fields, and each model that the mapping fills. Returns the text to show. */
export async function tryPlanhat(config: Config, mapping: CompiledMapping, signal: AbortSignal): Promise<string> {
  if (config.planhat === undefined) return "not configured: the tables are filled, nothing is published";
  const { createPlanhatClient } = await import("../../planhat/client.ts");
  const { readCustomFieldNames } = await import("../../planhat/custom-fields.ts");
  const { checkRights } = await import("../../planhat/rights.ts");
  const client = createPlanhatClient(config.planhat, { signal, patience: { tries: 2, silence: 30_000 } });
  const models = streamNames.flatMap((stream) => modelsMade(mapping[stream]));
  const found = await checkRights(client, [...new Set(models)]);
  refuseUnknownFields(config, await readCustomFieldNames(client));
  return `${client.host}: may read and write ${found.join(", ")}`;
}

/**
 * Finds out, for `check --planhat-probe`, what Planhat's documentation leaves open, with a test company that it creates
 * and deletes. Throws a Failure (usage) if the config has no `planhat:`.
 */
export async function probePlanhat(config: Config, signal: AbortSignal): Promise<ProbeResult[]> {
  if (config.planhat === undefined) {
    throw new Failure("usage", "`--planhat-probe` needs `planhat:` in the config: there is no tenant to probe.");
  }
  const { createPlanhatClient } = await import("../../planhat/client.ts");
  const { probeTenant } = await import("../../planhat/probe-tenant.ts");
  const { unverifiedPoints } = await import("../../planhat/unverified-points.ts");
  const client = createPlanhatClient(config.planhat, { signal });
  const { pointsOfDeals } = await import("../../planhat/points-of-deals.ts");
  const { findKind } = await import("../../planhat/rights.ts");
  const points =
    (await findKind(client)) === "deals"
      ? [...unverifiedPoints.filter(({ ofLicenses }) => ofLicenses !== true), ...pointsOfDeals]
      : unverifiedPoints;
  return probeTenant(client, createPlanhatClient(config.planhat), points);
}
