import type { NewRejection, PlannedRejection } from "../../database/tables/rejections.ts";
import { type ModelName, modelNames } from "../../model-name.ts";
import { bySourceId, sourceOf } from "../../source-id.ts";
import type { StreamName } from "../../stream-name.ts";
import { mergeChanges, plannedChanges } from "../decide/planned-change.ts";
import type { Decision } from "../decision.ts";
import type { PlannedChange } from "../planned.ts";
import type { Summary } from "../summary.ts";
import type { PlannedConflict } from "./run-plan.ts";

/** The changes of a model's rows: the number of each kind, and the first changes of each, by source id. */
export interface CountedModel {
  create: number;
  update: number;
  delete: number;
  unchanged: number;
  /** Rows that would be rejected. */
  rejected: number;
  first: PlannedChange[];
}

/** The changes that a mapping would make to the rows. */
export interface RemapSurvey {
  models: Record<ModelName, CountedModel>;
  rejections: { count: number; first: PlannedRejection[] };
  conflicts: { count: number; first: PlannedConflict[] };
  /** The counts of eligible deals, a part of a sync's summary. */
  summary: Summary;
}

/** Counts of decisions about rows: each row counts once, even if several batches decide about it. */
export class CountedChanges {
  readonly #most: number;
  readonly #changed = perModel(() => new Map<string, PlannedChange>());
  readonly #seen = perModel(() => new Set<string>());
  readonly #refused = perModel(() => new Set<string>());
  /** The rejections by stream and record, because a deal may be rejected as either of two models. */
  readonly #rejections = new Map<StreamName, Map<number, PlannedRejection[]>>();
  readonly #conflicts = new Map<string, PlannedConflict>();

  /** `most` is the number of changes of each kind, and of rejections and conflicts, that are listed. */
  constructor(most: number) {
    this.#most = most;
  }

  add(decisions: readonly Decision[]): void {
    for (const decision of decisions) {
      const { action, candidate, rejections, conflicts } = decision;
      const { model, sourceId } = action;
      const { recordId } = candidate;
      const { stream } = sourceOf(model, sourceId);
      this.#seen[model].add(sourceId);
      if (action.action === "refuse") this.#refused[model].add(sourceId);
      else if (this.#refused[model].size > 0) this.#refused[model].delete(sourceId);
      if (action.action !== "unchanged" || decision.movedFrom !== undefined || decision.replaces.length > 0)
        for (const change of plannedChanges(decision)) this.#addChange(change);
      this.#setRejections(stream, recordId, rejections);
      for (const { field, pipedrive, planhat, winner } of conflicts) {
        const lost = winner === "planhat" ? pipedrive : planhat;
        const of = { stream, record_id: recordId };
        this.#conflicts.set(`${recordId} ${field}`, { ...of, field, pipedrive, planhat, winner, lost });
      }
    }
  }

  #setRejections(stream: StreamName, recordId: number, rejections: NewRejection[]): void {
    const known = this.#rejections.get(stream) ?? new Map<number, PlannedRejection[]>();
    this.#rejections.set(stream, known);
    if (rejections.length > 0) known.set(recordId, rejections.map(rejectionOf(stream)));
    else if (known.size > 0) known.delete(recordId);
  }

  #addChange(change: PlannedChange): void {
    const changed = this.#changed[change.model];
    const before = changed.get(change.source_id);
    const after = before === undefined ? change : mergeChanges(before, change);
    if (after === undefined) changed.delete(change.source_id);
    else changed.set(change.source_id, after);
  }

  survey(summary: Summary): RemapSurvey {
    const rejections = [...this.#rejections.values()].flatMap((ofStream) => [...ofStream.values()]);
    return {
      models: perModel((model) => this.#countedModel(model)),
      rejections: {
        count: rejections.reduce((sum, { length }) => sum + length, 0),
        first: rejections.slice(0, this.#most).flat().slice(0, this.#most),
      },
      conflicts: { count: this.#conflicts.size, first: [...this.#conflicts.values()].slice(0, this.#most) },
      summary,
    };
  }

  #countedModel(model: ModelName): CountedModel {
    const changed = this.#changed[model];
    const counted = { create: 0, update: 0, delete: 0 };
    const kinds: Record<PlannedChange["action"], PlannedChange[]> = { create: [], update: [], delete: [] };
    const ordered = [...changed.keys()].sort(bySourceId);
    let changedAndSeen = 0;
    for (const sourceId of ordered) {
      const change = changed.get(sourceId)!;
      const { action } = change;
      counted[action]++;
      if (action !== "delete") changedAndSeen++;
      if (kinds[action].length < this.#most) kinds[action].push(change);
    }
    const rejected = [...this.#refused[model]].filter((id) => !changed.has(id)).length;
    return {
      ...counted,
      unchanged: this.#seen[model].size - rejected - changedAndSeen,
      rejected,
      first: [...kinds.create, ...kinds.update, ...kinds.delete],
    };
  }
}

function rejectionOf(stream: StreamName): (rejection: NewRejection) => PlannedRejection {
  return ({ recordId, model, field, reason }) => ({ stream, recordId, model, field, reason });
}

function perModel<Value>(make: (model: ModelName) => Value): Record<ModelName, Value> {
  return Object.fromEntries(modelNames.map((model) => [model, make(model)])) as Record<ModelName, Value>;
}
