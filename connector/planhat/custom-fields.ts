import { type ModelName, modelNames } from "../model-name.ts";
import type { PlanhatClient } from "./client.ts";
import { listAll } from "./lists.ts";

/**
 * The names of Planhat's custom fields by model, in Planhat's spelling. Every model has an entry, even an empty one.
 */
export type CustomFieldNames = Readonly<Record<ModelName, ReadonlySet<string>>>;

/** Custom fields per page, the most allowed (Planhat API, GET /customfields). */
const pageSize = 2000;

/**
 * Reads the names of all custom fields (Planhat API, GET /customfields, paged by limit and offset). Definitions of
 * other kinds of object are skipped. Throws a Failure of kind `surroundings`, which never holds the token, if Planhat
 * cannot be reached, rejects the request, or answers with anything but a list of definitions.
 */
export async function readCustomFieldNames(client: PlanhatClient): Promise<CustomFieldNames> {
  const names = Object.fromEntries(modelNames.map((model) => [model, new Set<string>()])) as Record<
    ModelName,
    Set<string>
  >;
  for await (const definitions of listAll(client, "/customfields", { limit: pageSize }, "custom fields")) {
    for (const { parent, name } of definitions) {
      const model = typeof parent === "string" ? modelOf(parent) : undefined;
      if (model !== undefined && typeof name === "string") names[model].add(name);
    }
  }
  return names;
}

/**
 * Returns the model that a definition names. Planhat's spelling is not documented, so only letters count, and singular
 * and plural are equal; a note is a conversation there.
 */
function modelOf(parent: string): ModelName | undefined {
  const letters = parent.toLowerCase().replace(/[^a-z]/g, "");
  const one = letters === "companies" ? "company" : letters.replace(/s$/, "");
  return one === "conversation" ? "note" : modelNames.find((model) => model === one);
}
