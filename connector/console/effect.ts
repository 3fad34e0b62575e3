import { readPublishedTenant } from "../database/rows/tenants.ts";
import { readConsents } from "../database/tables/consents.ts";
import type { MappingFile } from "../mapping/check/check-mapping.ts";
import type { CompiledMapping } from "../mapping/compiled-mapping.ts";
import { sendingTerms } from "../mapping/sending.ts";
import { type ModelName, modelNames } from "../model-name.ts";
import type { Service } from "../service/service.ts";
import { withBrake } from "../sync/brake/brake-run.ts";
import type { FieldChange } from "../sync/decision.ts";
import { type NewlyKept, surveyRemap } from "../sync/plan/survey-remap.ts";
import { compiledFiles } from "./proposed-change.ts";

/** The effect of a change on the rows, counted from the landing alone. */
export interface EffectAnswer {
  models: Record<string, Record<"created" | "updated" | "removed" | "unchanged" | "rejected", number>>;
  rejections: number;
  /** Rows that stay, and are not updated any more, by the reason of their deal. */
  kept: NewlyKept;
  /** The first changes of each model. */
  changes: { model: string; source_id: string; action: string; fields: Record<string, FieldChange> }[];
  /** The work that the brake would stop. */
  held: { what: string; count: number; remedy: string }[];
  /** The models whose rows are published to Planhat: there the same happens with the next run. */
  published: ModelName[];
  /** Fields that would be sent to Pipedrive, and that wait for consent after the next sync. */
  to_agree: string[];
}

/** Returns the effect that mapping files would have on the rows; null if nothing has landed. It writes nothing. */
export async function effectOf(service: Service, files: readonly MappingFile[]): Promise<EffectAnswer | null> {
  const { database, config, signal } = service;
  const mapping = await compiledFiles(service, files);
  if (mapping === undefined) return null;
  const { brake } = withBrake(config.brake);
  const options = { limits: brake?.limits, keeps: true };
  const { models, rejections, summary, kept } = await surveyRemap(database, mapping, signal, options);
  const counts = modelNames.map((model) => {
    const { create: created, update: updated, delete: removed, unchanged, rejected } = models[model];
    return [model, { created, updated, removed, unchanged, rejected }] as const;
  });
  return {
    models: Object.fromEntries(counts),
    rejections: rejections.count,
    kept,
    changes: modelNames.flatMap((model) => models[model].first),
    held: summary.held,
    published: await publishedModels(service),
    to_agree: await unagreed(service, mapping),
  };
}

async function publishedModels({ database, config }: Service): Promise<ModelName[]> {
  const tenant = config.planhat === undefined ? undefined : await readPublishedTenant(database);
  if (tenant === undefined) return [];
  const agreed = await readConsents(database, "publication", tenant);
  return modelNames.filter((model) => agreed.has(model));
}

async function unagreed({ database }: Service, { organizations }: CompiledMapping): Promise<string[]> {
  const agreed = await readConsents(database, "sending", "");
  return sendingTerms(organizations).filter((term) => !agreed.has(term));
}
