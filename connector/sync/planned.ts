import type { ModelName } from "../model-name.ts";
import { modelNames } from "../model-name.ts";
import type { FieldChange } from "./decision.ts";

/** What a sync would do with one row: an element of `changes` in `plan --json` (contract, section 7). */
export interface PlannedChange {
  model: ModelName;
  source_id: string;
  /** A row is deleted only when its deal becomes another model. */
  action: "create" | "update" | "delete";
  /** By Planhat's name, `custom.<name>` for custom fields; `companyId` is the row id of the company. */
  fields: Record<string, FieldChange>;
}

/** What a sync would send of one company: an element of `changes` in `plan --json`. */
export interface PlannedSend {
  model: "company";
  /** The organization; null for one that is to be made. */
  source_id: string | null;
  action: "send";
  /** What Pipedrive has and will have, by Planhat's name of the field. */
  fields: Record<string, FieldChange>;
}

/** A company of Planhat without a source id that has the name or a domain of one that would be made there. */
export interface Twin {
  /** The organization's id, and what its company is called here. */
  sourceId: string;
  name: string | null;
  planhatId: string;
  planhatName: string | null;
}

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
