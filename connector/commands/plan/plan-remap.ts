import type { AccountCatalog } from "../../account-catalog.ts";
import { loadConfig } from "../../config/load-config.ts";
import type { Database } from "../../database/database.ts";
import { openExisting } from "../../database/open/open-existing.ts";
import { asIfSourceId } from "../../database/rehearsal/as-if-rows.ts";
import { companyNames, nameOfFields, rowNames } from "../../database/rows/row-names.ts";
import { readCatalogEntry } from "../../database/tables/catalog.ts";
import { createLogger } from "../../logger.ts";
import type { CompiledMapping } from "../../mapping/compiled-mapping.ts";
import type { Json } from "../../mapping/value.ts";
import { modelNames } from "../../model-name.ts";
import { writeLine, writeMessage } from "../../protocol/standard-output.ts";
import { hideSecrets } from "../../secrets.ts";
import { withBrake } from "../../sync/brake/brake-run.ts";
import type { BrakeLimits } from "../../sync/brake-terms.ts";
import type { FieldChange } from "../../sync/decision.ts";
import { describeNotAsked, findNotAsked } from "../../sync/land/warn-not-asked.ts";
import { rejectionJson } from "../../sync/plan/kept-plan.ts";
import type { PlanOverview } from "../../sync/plan/plan-overview.ts";
import { type RemapSurvey, surveyRemap, type WaitingSurvey } from "../../sync/plan/survey-remap.ts";
import { describeWaiting } from "../../sync/runs/read-lean.ts";
import { compileKept } from "../../sync/runs/refresh-catalog.ts";
import { readUnmapped, type UnmappedField } from "../../sync/runs/unmapped-fields.ts";
import { loadMapping } from "../opening/load-mapping.ts";
import { nothingLanded } from "../opening/with-database.ts";
import { withFailure } from "../terminal/failure-json.ts";
import { planListsRejections, rejectionsFailure } from "../terminal/rejections-failure.ts";
import { reportFailure } from "../terminal/report-failure.ts";
import { stopSignal } from "../terminal/stop-signal.ts";
import { describeRemapPlan } from "./describe-plan.ts";
import type { PlanOptions } from "./plan-basis.ts";

/** The exit status of `--exit-code` if there is something to do. */
const somethingToDo = 10;

/**
 * Prints the changes that the current mapping would make to the rows, from landed records alone: no request, no token,
 * nothing written. Returns the exit status.
 */
export async function planRemap(options: PlanOptions): Promise<number> {
  const started = performance.now();
  const { config, secrets } = await loadConfig(options.config);
  hideSecrets(secrets);
  const logger = await createLogger(options.logLevel, options.logFormat);
  const signal = stopSignal("Nothing was written.");
  loadMapping(config, undefined, () => {});
  const database = await openExisting(config.database, { signal, waitSeconds: options.wait });
  if (database === undefined) throw nothingLanded(config.database, "to map");
  let shown: { overview: PlanOverview; survey: WaitingSurvey; unmapped: UnmappedField[]; applied: boolean };
  try {
    const catalog = (await readCatalogEntry(database, "account")) as AccountCatalog | undefined;
    if (catalog === undefined) throw nothingLanded(database.location, "to map");
    const mapping = await compileKept(database, catalog, (known, agrees) =>
      loadMapping(config, known, (warning) => logger.warn(warning), options.yes ? () => true : agrees),
    );
    for (const one of await findNotAsked(database, mapping)) logger.warn(describeNotAsked(one));
    const { brake } = withBrake(config.brake);
    shown = await look(database, mapping, signal, options.yes ? undefined : brake?.limits);
    if (shown.survey.waiting > 0) logger.warn(describeWaiting(shown.survey.waiting));
  } finally {
    await database.close();
  }
  const { overview, survey, unmapped, applied } = shown;
  const seconds = Math.round((performance.now() - started) / 100) / 10;
  const status = survey.rejections.count > 0 ? "partial" : "succeeded";
  const failure = rejectionsFailure(status, options, planListsRejections);
  const about = { applied, seconds, status };
  if (options.json) await writeMessage(withFailure(asJson(survey, unmapped, about), failure));
  else for (const line of describeRemapPlan(overview, unmapped, { applied, seconds })) await writeLine(line);
  if (failure !== undefined) return reportFailure(failure);
  return options.exitCode && countChanges(survey) > 0 ? somethingToDo : 0;
}

/** Decides about all rows, and reads the names of the shown ones. */
async function look(
  database: Database,
  mapping: CompiledMapping,
  signal: AbortSignal,
  limits: BrakeLimits | undefined,
) {
  const survey = await surveyRemap(database, mapping, signal, { limits });
  const unmapped = await readUnmapped(database, mapping);
  const applied = (await readCatalogEntry(database, "mapping")) === mapping.fingerprint;
  return { survey, unmapped, applied, overview: await overviewOf(database, survey) };
}

async function overviewOf(database: Database, survey: RemapSurvey): Promise<PlanOverview> {
  const models: Partial<PlanOverview["models"]> = {};
  const companyIds = new Set<string>();
  for (const model of modelNames) {
    const { first, ...counts } = survey.models[model];
    const names = await rowNames(
      database,
      model,
      first.map(({ source_id }) => source_id),
    );
    models[model] = {
      ...counts,
      first: first.map((change) => ({
        change,
        name: names.get(change.source_id) ?? nameOfFields(model, change.fields),
      })),
    };
    for (const { fields } of first) for (const id of idsOf(fields["companyId"])) companyIds.add(id);
  }
  const ids = [...companyIds];
  const companies = await companyNames(
    database,
    ids.filter((id) => asIfSourceId(id) === undefined),
  );
  for (const id of ids) {
    const sourceId = asIfSourceId(id);
    if (sourceId !== undefined) companies.set(id, { sourceId, name: null });
  }
  const { rejections, conflicts, summary } = survey;
  const listed = rejections.first.map(({ stream, ...one }) => ({ ...one, stream }));
  return {
    summary,
    models: models as PlanOverview["models"],
    sends: { count: 0, first: [] },
    rejections: { count: rejections.count, first: listed },
    conflicts,
    publication: undefined,
    companies,
  };
}

function idsOf(change: FieldChange | undefined): string[] {
  return [change?.from, change?.to].filter((id) => typeof id === "string");
}

function countChanges({ models }: RemapSurvey): number {
  return modelNames.reduce((sum, name) => sum + models[name].create + models[name].update + models[name].delete, 0);
}

/** Returns the object of `plan --json`, with all counts and the first items of each kind. */
function asJson(
  survey: RemapSurvey,
  unmapped: readonly UnmappedField[],
  { applied, seconds, status }: { applied: boolean; seconds: number; status: string },
): object {
  const { models, rejections, conflicts, summary } = survey;
  const counts = modelNames.map((model) => {
    const { create, update, delete: removed, unchanged, rejected } = models[model];
    return [model, { created: create, updated: update, removed, unchanged, rejected }];
  });
  const { eligible } = summary.streams.deals;
  return {
    mode: "remap",
    status,
    seconds,
    applied,
    streams: { deals: { eligible } },
    models: Object.fromEntries(counts) as object,
    unmapped,
    changes: modelNames.flatMap((model) => models[model].first.map(withOrganizations)),
    held: summary.held,
    conflicts: conflicts.first,
    rejections: rejections.first.map(rejectionJson),
    counts: { changes: countChanges(survey), conflicts: conflicts.count, rejections: rejections.count },
  };
}

/** Names the organization of a company that would be created, because it has no row id yet. */
function withOrganizations<Change extends { fields: Record<string, FieldChange> }>(change: Change): Change {
  const { companyId } = change.fields;
  if (companyId === undefined) return change;
  const named = (id: Json) =>
    typeof id === "string" && asIfSourceId(id) !== undefined ? `organization ${asIfSourceId(id)}` : id;
  return {
    ...change,
    fields: { ...change.fields, companyId: { from: named(companyId.from), to: named(companyId.to) } },
  };
}
