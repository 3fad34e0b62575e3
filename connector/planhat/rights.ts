import { Failure } from "../failure.ts";
import type { ModelName } from "../model-name.ts";
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

/** Returns the failure for models that the tenant lacks: licenses and sales, if it has Planhat's newer models. */
export async function missingModels(client: PlanhatClient, things: readonly string[]): Promise<Failure> {
  const all = things.join(" and ");
  if ((await client.probe("/lineitems", "line items")) === "absent") {
    return new Failure("surroundings", `Planhat (${client.host}) has no list of ${all} (404).`, {
      hint: "`planhat.api_url` must be the API's address, such as https://api.planhat.com.",
      remedy: "change",
    });
  }
  return new Failure(
    "surroundings",
    `This Planhat tenant (${client.host}) has Deal and Line Item instead of License and Sale, so it accepts no ${all}.`,
    {
      hint: "Deals are published as licenses and sales only. Leave `planhat:` out of the config to have them in the tables, or talk to Planhat about License and Sale for this tenant.",
      remedy: "change",
    },
  );
}
