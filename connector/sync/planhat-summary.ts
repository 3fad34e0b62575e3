import { type ModelName, modelNames } from "../model-name.ts";

/** The results of publishing a model's objects in a run. */
export interface PublishedCounts {
  created: number;
  updated: number;
  /** Objects that were sent and already equal. */
  unchanged: number;
  rejected: number;
  /** Objects that were removed because the deal moved to the other model. */
  deleted: number;
}

/** The actions of a run in Planhat, in its summary. */
export interface PlanhatSummary {
  published: Record<ModelName, PublishedCounts>;
  /** Companies whose change in Planhat became a change of their row. */
  received: { companies: number };
  requests: { count: number; retried: number };
}

/** Returns a summary with all counts 0. */
export function emptyPlanhatSummary(): PlanhatSummary {
  const counts = modelNames.map((model) => [model, { created: 0, updated: 0, unchanged: 0, rejected: 0, deleted: 0 }]);
  return {
    published: Object.fromEntries(counts) as PlanhatSummary["published"],
    received: { companies: 0 },
    requests: { count: 0, retried: 0 },
  };
}
