import { countUnpublished } from "../../database/rows/published.ts";
import { type ModelName, otherKind, type RevenueKind, revenueKindOf, revenueModels } from "../../model-name.ts";
import type { PlanhatClient } from "../../planhat/client.ts";
import { modelPaths } from "../../planhat/model-paths.ts";
import { PlanhatRefusal } from "../../planhat/refusal.ts";
import { kindNames, missingModels, probeKind } from "../../planhat/rights.ts";
import { tellHeld } from "../consent.ts";
import type { Publication } from "./publication.ts";

/**
 * Records that a tenant has no list of a revenue model, and which models it has instead: nothing of the kind is
 * published then, and everything else is. Throws the failure if the tenant has neither kind, or the list is there.
 */
export async function noteLacking(publication: Publication, model: ModelName, error: unknown): Promise<void> {
  const kind = revenueKindOf(model);
  if (!(error instanceof PlanhatRefusal) || error.status !== 404 || kind === undefined) throw error;
  const { client } = publication.planhat;
  if ((await probeKind(client, otherKind(kind))) === "absent") {
    throw await missingModels(client, [modelPaths[model].things]);
  }
  publication.lacks.add(kind);
}

/** In a dry run, which sends nothing that a tenant could refuse, asks it for a kind of models that would be sent. */
export async function refuseLacking({ planhat: { client } }: Publication, model: ModelName): Promise<void> {
  const { path, things } = modelPaths[model];
  if ((await client.probe(path, things)) !== "absent") return;
  throw new PlanhatRefusal(404, `${client.host} has no list of ${things} (404).`, "");
}

/** Tells what waits because the tenant lacks its models; nothing if nothing does. */
export async function tellLacking({ run, planhat: { client }, lacks }: Publication): Promise<void> {
  const held = [];
  for (const kind of lacks) {
    const names = revenueModels[kind];
    const counts = await countUnpublished(run.request.database, names, { everyRow: false });
    const count = names.reduce((sum, model) => sum + (counts.get(model) ?? 0), 0);
    held.push({ what: whatWaits(client, kind), count, remedy: howToSwitch(otherKind(kind)) });
  }
  tellHeld(run, "tenant_models", held);
}

function whatWaits({ host }: PlanhatClient, kind: RevenueKind): string {
  const [one, other] = revenueModels[kind].map((model) => modelPaths[model].things);
  return `${one} and ${other} that this Planhat tenant (${host}) does not take: it has ${kindNames[otherKind(kind)]}`;
}

/** Returns the way to the models that a tenant has. */
export function howToSwitch(kind: RevenueKind): string {
  return `\`pipedrive-planhat mapping init --models ${kind} --force\` writes the mapping for them, and keeps a copy of yours; docs/planhat.md tells the switch.`;
}
