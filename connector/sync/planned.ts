import type { ModelName } from "../model-name.ts";
import { modelNames } from "../model-name.ts";
import type { FieldChange } from "./decision.ts";

/** The planned change of one row: an element of `changes` in `plan --json` (contract, section 7). */
export interface PlannedChange {
  model: ModelName;
  source_id: string;
  /** The action; a row is deleted only if its deal moves to another model. */
  action: "create" | "update" | "delete";
  /**
   * The changed fields by Planhat's name, `custom.<name>` for custom fields; `companyId` is the row id of the company.
   */
  fields: Record<string, FieldChange>;
}

/** The planned send of one company: an element of `changes` in `plan --json`. */
export interface PlannedSend {
  model: "company";
  /** The organization; null for one that is to be created. */
  source_id: string | null;
  action: "send";
  /** Pipedrive's present and future values, by Planhat's name of the field. */
  fields: Record<string, FieldChange>;
}

/** A company in Planhat without a source id that shares its name or a domain with one that would be created there. */
export interface Twin {
  /** The organization's id and the name of its company. */
  sourceId: string;
  name: string | null;
  planhatId: string;
  planhatName: string | null;
}

/** The planned actions on a model's objects in Planhat. */
export interface PlannedCounts {
  create: number;
  /** Objects that exist, and that the connector publishes for the first time. */
  take_over: number;
  update: number;
  /** Objects that were published before and stay unchanged. */
  same: number;
}

/** A deal or line item in Planhat that no row of this database becomes. */
export interface UnknownObject {
  model: ModelName;
  planhat_id: string;
  source_id: string | null;
  name: string | null;
}

/** The planned publication to Planhat, once all consent is given. */
export interface PlannedPublication {
  /** Before the first publication of deals and line items: what Planhat has of them besides. */
  unknown: UnknownObject[];
  /** Deals whose mapped amounts are not sent, because Planhat computes them, and their line items. */
  computed: { deals: number; lineItems: number };
  published: Record<ModelName, PlannedCounts>;
  /** Objects to remove because their deal moved to the other model. */
  deleted: Record<ModelName, number>;
  twins: Twin[];
  /** The objects, if they were requested. */
  objects?: PlannedObject[];
}

/** An object that a sync would send to Planhat: an element of a plan file. */
export interface PlannedObject {
  model: ModelName;
  /** The row's source id; for a removed object Planhat's own id. */
  source_id: string;
  action: "create" | "take_over" | "update" | "remove";
}

/** Returns a publication with all counts 0. */
export function emptyPublication(): PlannedPublication {
  const each = <Value>(value: () => Value) =>
    Object.fromEntries(modelNames.map((model) => [model, value()])) as Record<ModelName, Value>;
  return {
    published: each(() => ({ create: 0, take_over: 0, update: 0, same: 0 })),
    deleted: each(() => 0),
    twins: [],
    unknown: [],
    computed: { deals: 0, lineItems: 0 },
  };
}
