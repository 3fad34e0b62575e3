import { type ModelName, modelNames, revenueKindOf, revenueKinds, revenueModels } from "../../model-name.ts";

/**
 * Returns the models to list: those without a tenant's kind, and those of each kind of revenue models that has counts;
 * licenses and sales if neither has. `has` says whether a model has counts; a run of an earlier version knew fewer.
 */
export function shownModels(has: (model: ModelName) => boolean): ModelName[] {
  const kinds = revenueKinds.filter((kind) => revenueModels[kind].some(has));
  const shown = kinds.length === 0 ? ["licenses"] : kinds;
  return modelNames.filter((model) => {
    const kind = revenueKindOf(model);
    return kind === undefined || shown.includes(kind);
  });
}

/** Returns true if any of the counts is above zero. */
export function anyCount(counts: object | undefined): boolean {
  return Object.values(counts ?? {}).some((count) => typeof count === "number" && count > 0);
}
