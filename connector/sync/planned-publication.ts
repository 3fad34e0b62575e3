import { type ModelName, modelNames } from "../model-name.ts";
import type { Twin } from "./newcomers.ts";

/** What a sync would do with a model's objects in Planhat. */
export interface PlannedCounts {
  create: number;
  /** There before, and published by this connector for the first time. */
  take_over: number;
  update: number;
  /** Published before, and left as they are. */
  same: number;
}

/** What a sync would do in Planhat, once everything that waits for it is agreed to. */
export interface PlannedPublication {
  published: Record<ModelName, PlannedCounts>;
  /** Objects that go because their deal became the other model. */
  deleted: Record<ModelName, number>;
  twins: Twin[];
  /** Which objects these are, where they are asked for. */
  objects?: PlannedObject[];
}

/** An object that a sync would send to Planhat: an element of a kept plan. */
export interface PlannedObject {
  model: ModelName;
  /** The row's, or of an object that goes Planhat's own id. */
  source_id: string;
  action: "create" | "take_over" | "update" | "remove";
}

/** A publication in which nothing is planned yet. */
export function emptyPublication(): PlannedPublication {
  const each = <Value>(value: () => Value) =>
    Object.fromEntries(modelNames.map((model) => [model, value()])) as Record<ModelName, Value>;
  return {
    published: each(() => ({ create: 0, take_over: 0, update: 0, same: 0 })),
    deleted: each(() => 0),
    twins: [],
  };
}
