import { Failure } from "../failure.ts";
import { type ModelName, otherKind, type RevenueKind, revenueModels } from "../model-name.ts";
import type { PlanhatClient } from "./client.ts";
import { modelPaths } from "./model-paths.ts";

/**
 * Checks for each model that the tenant has it and that the token may read and write it, by an upsert of nothing.
 * Returns the plural names of the models. Throws a Failure (surroundings) that names every missing model and right, or
 * the newer models that replace a missing one.
 */
export async function checkRights(client: PlanhatClient, models: readonly ModelName[]): Promise<string[]> {
  const unreadable: string[] = [];
  const unwritable: string[] = [];
  const absent: string[] = [];
  for (const model of models) {
    const { path, things } = modelPaths[model];
    const found = await client.probe(path, things);
    if (found === "absent") absent.push(things);
    else {
      if (found === "forbidden") unreadable.push(things);
      if (!(await client.mayWrite(path, things))) unwritable.push(things);
    }
  }
  if (absent.length > 0) throw await missingModels(client, absent);
  const lacking = [
    ...(unreadable.length > 0 ? [`read ${unreadable.join(", ")}`] : []),
    ...(unwritable.length > 0 ? [`write ${unwritable.join(", ")}`] : []),
  ];
  if (lacking.length > 0) {
    const all = [...new Set([...unreadable, ...unwritable])].join(", ");
    throw new Failure(
      "surroundings",
      `Planhat (${client.host}) does not let this token ${lacking.join(" and ")} (403).`,
      { hint: `Give its private app or service account the right to read and write ${all}.`, remedy: "change" },
    );
  }
  return models.map((model) => modelPaths[model].things);
}

/** The names of each kind of revenue models, as Planhat writes them. */
export const kindNames: Readonly<Record<RevenueKind, string>> = {
  licenses: "License and Sale",
  deals: "Deal and Line Item",
};

/** Returns whether the tenant has a kind of revenue models: whether there is a list of one of them. */
export async function probeKind(client: PlanhatClient, kind: RevenueKind): Promise<"there" | "absent"> {
  const { path, things } = modelPaths[kind === "deals" ? "lineitem" : "license"];
  return (await client.probe(path, things)) === "absent" ? "absent" : "there";
}

/** Returns the kind of revenue models that a tenant has; undefined if it has both, or none that can be seen. */
export async function findKind(client: PlanhatClient): Promise<RevenueKind | undefined> {
  const [licenses, deals] = [await probeKind(client, "licenses"), await probeKind(client, "deals")];
  if (licenses === deals) return undefined;
  return licenses === "there" ? "licenses" : "deals";
}

/** Returns the failure for models that the tenant lacks, which names those that it has instead. */
export async function missingModels(client: PlanhatClient, things: readonly string[]): Promise<Failure> {
  const all = things.join(" and ");
  const kind = await findKind(client);
  const isOfKind = revenueModels[kind ?? "deals"].some((model) => things.includes(modelPaths[model].things));
  if (kind === undefined || isOfKind) {
    return new Failure("surroundings", `Planhat (${client.host}) has no list of ${all} (404).`, {
      hint: "`planhat.api_url` must be the API's address, such as https://api.planhat.com.",
      remedy: "change",
    });
  }
  return ofOtherKind(client, kind, all);
}

/** Returns the failure for models of the other kind than the tenant has; `things` are their plural names. */
export function ofOtherKind(client: PlanhatClient, kind: RevenueKind, things: string): Failure {
  return new Failure(
    "surroundings",
    `This Planhat tenant (${client.host}) has ${kindNames[kind]} instead of ${kindNames[otherKind(kind)]}, so it accepts no ${things}.`,
    {
      hint: `\`pipedrive-planhat mapping init --models ${kind} --force\` writes the mapping for these models, and keeps a copy of yours; docs/planhat.md tells the switch.`,
      remedy: "change",
    },
  );
}
