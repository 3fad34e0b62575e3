import { type ModelName, modelNames } from "../model-name.ts";

/** What became of a model's objects in Planhat in a run. */
export interface PublishedCounts {
  created: number;
  updated: number;
  /** Sent, and the same already. */
  unchanged: number;
  rejected: number;
  /** Removed, because the deal became the other model. */
  deleted: number;
}

/** What a run did in Planhat, in its summary. */
export interface PlanhatSummary {
  published: Record<ModelName, PublishedCounts>;
  /** Companies whose change in Planhat became a change of their row. */
  received: { companies: number };
  requests: { count: number; retried: number };
}

/** A summary in which nothing has happened yet. */
export function emptyPlanhatSummary(): PlanhatSummary {
  const counts = modelNames.map((model) => [model, { created: 0, updated: 0, unchanged: 0, rejected: 0, deleted: 0 }]);
  return {
    published: Object.fromEntries(counts) as PlanhatSummary["published"],
    received: { companies: 0 },
    requests: { count: 0, retried: 0 },
  };
}
