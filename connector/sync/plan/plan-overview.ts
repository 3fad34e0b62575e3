import type { Queryable } from "../../database/database.ts";
import { companyNames, rowNames } from "../../database/rows/row-names.ts";
import type { PlannedRejection } from "../../database/tables/rejections.ts";
import { type ModelName, modelNames } from "../../model-name.ts";
import type { PlannedChange, PlannedPublication, PlannedSend } from "../planned.ts";
import type { Summary } from "../summary.ts";
import type { Plan, PlannedConflict } from "./run-plan.ts";

/** Changes per model, and rejections, shown in text: more would not be read. */
const mostShown = 50;

/** The planned changes of one model's rows. */
export interface ModelOverview {
  create: number;
  update: number;
  delete: number;
  unchanged: number;
  /** The first changes, each with the name of its row. */
  first: { change: PlannedChange; name: string | undefined }[];
}

/** An overview of a plan for the user: all counts, and the first items of each kind. */
export interface PlanOverview {
  summary: Summary;
  models: Record<ModelName, ModelOverview>;
  /** The sends to Pipedrive. */
  sends: { count: number; first: readonly PlannedSend[] };
  rejections: { count: number; first: PlannedRejection[] };
  conflicts: { count: number; first: PlannedConflict[] };
  /** The publication to Planhat; undefined if no tenant is configured, or it could not be reached. */
  publication: PlannedPublication | undefined;
  /** The companies named in the listed changes, by row id. */
  companies: ReadonlyMap<string, { sourceId: string | null; name: string | null }>;
}

/** Reads a plan through, while its dry run is open. */
export async function surveyPlan(rehearsal: Queryable, plan: Plan): Promise<PlanOverview> {
  const none = () => ({ create: 0, update: 0, delete: 0, unchanged: 0, first: [] });
  const models = Object.fromEntries(modelNames.map((model): [ModelName, ModelOverview] => [model, none()])) as Record<
    ModelName,
    ModelOverview
  >;
  for await (const { model, change } of plan.rows()) {
    models[model][change?.action ?? "unchanged"]++;
    if (change !== undefined && models[model].first.length < mostShown)
      models[model].first.push({ change, name: undefined });
  }
  const rejections: PlanOverview["rejections"] = { count: 0, first: [] };
  for await (const rejection of plan.rejections()) {
    rejections.count++;
    if (rejections.first.length < mostShown) rejections.first.push(rejection);
  }
  const conflicts: PlanOverview["conflicts"] = { count: 0, first: [] };
  for await (const conflict of plan.conflicts()) {
    conflicts.count++;
    if (conflicts.first.length < mostShown) conflicts.first.push(conflict);
  }
  const companyIds = new Set<string>();
  for (const model of modelNames) {
    const { first } = models[model];
    const names = await rowNames(
      rehearsal,
      model,
      first.map(({ change }) => change.source_id),
    );
    for (const shown of first) {
      shown.name = names.get(shown.change.source_id);
      const { companyId } = shown.change.fields;
      for (const id of [companyId?.from, companyId?.to]) if (typeof id === "string") companyIds.add(id);
    }
  }
  const sends = { count: plan.sends.length, first: plan.sends.slice(0, mostShown) };
  return {
    summary: plan.summary,
    models,
    sends,
    rejections,
    conflicts,
    publication: plan.publication,
    companies: await companyNames(rehearsal, [...companyIds]),
  };
}
