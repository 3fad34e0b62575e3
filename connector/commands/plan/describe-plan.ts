import type { Json } from "../../mapping/value.ts";
import { modelNames } from "../../model-name.ts";
import type { ModelOverview, PlanOverview } from "../../sync/plan/plan-overview.ts";
import type { PlannedChange } from "../../sync/planned.ts";
import type { UnmappedField } from "../../sync/runs/unmapped-fields.ts";
import { counted } from "../../text/counted.ts";
import { describeFields, describeRejection, shownValue, sign } from "../terminal/describe-change.ts";
import { describeHeld, describeHolds } from "../terminal/describe-held.ts";
import { describeKept, describeReading, describeSelection } from "../terminal/describe-summary.ts";
import { describeUnmapped } from "../terminal/describe-unmapped.ts";
import { oneLine } from "../terminal/display-text.ts";
import { paint } from "../terminal/paint.ts";
import { describePublication, toPublish } from "./describe-publication.ts";

/** Returns a plan as lines of text: created, updated and unchanged rows by model, rejections, and the totals. */
export function describePlan(overview: PlanOverview, unmapped: readonly UnmappedField[] = []): string[] {
  const { summary } = overview;
  return [
    ...describeModels(overview, "; --json shows all"),
    ...describeSends(overview),
    ...describePublication(overview.publication),
    ...describeConflicts(overview),
    ...describeRejections(overview),
    ...describeHeld(summary.held),
    describeReading(summary),
    ...describeSelection(summary),
    ...describeKept(summary.kept).filter((line) => line !== ""),
    ...describeHolds(summary),
    ...describeUnmapped(unmapped),
    paint("These tokens are spent, and no budget counts them; the sync that follows spends as many again.", "quiet"),
    "",
    paint(sumLine(overview), "strong"),
  ];
}

/** Returns the changes that the current mapping would make, as lines of text. */
export function describeRemapPlan(
  overview: PlanOverview,
  unmapped: readonly UnmappedField[],
  { applied, seconds }: { applied: boolean; seconds: number },
): string[] {
  const end = applied
    ? "This is the mapping of the last sync."
    : "The mapping changed since the last sync; the next one does this first.";
  return [
    ...describeModels(overview, ""),
    ...describeConflicts(overview),
    ...describeRejections(overview),
    ...describeHeld(overview.summary.held),
    ...describeUnmapped(unmapped),
    paint(`Decided from what has landed, with no request to Pipedrive, in ${seconds} s. ${end}`, "quiet"),
    "",
    paint(sumLine(overview), "strong"),
  ];
}

/** Returns the created, updated and unchanged rows, by model. */
function describeModels({ models, companies }: PlanOverview, where: string): string[] {
  return modelNames.flatMap((model) => [
    ...models[model].first.flatMap(({ change, name }) => describeRow(change, name, companies)),
    ...unshown(changesOf(models[model]) - models[model].first.length, `changes of ${model} rows`, where),
    ...(models[model].unchanged > 0 ? [paint(`= ${models[model].unchanged} ${model} unchanged`, "quiet")] : []),
    ...(changesOf(models[model]) + models[model].unchanged > 0 ? [""] : []),
  ]);
}

function describeRejections({ rejections }: PlanOverview): string[] {
  return [
    ...rejections.first.map(({ stream, recordId, model, field, reason }) =>
      describeRejection(`${model ?? stream} ${recordId ?? "without an id"}`, field, reason),
    ),
    ...unshown(rejections.count - rejections.first.length, "rejections"),
    ...(rejections.count > 0 ? [""] : []),
  ];
}

/** Returns the sends to Pipedrive, one line per organization. */
function describeSends({ sends }: PlanOverview): string[] {
  if (sends.count === 0) return [];
  return [
    ...sends.first.map(({ source_id, fields }) => {
      const target = source_id === null ? "Pipedrive, a new organization" : `Pipedrive organization ${source_id}`;
      const changes = Object.entries(fields).map(([field, { from, to }]) =>
        source_id === null
          ? `${oneLine(field)} ${shownValue(to)}`
          : `${oneLine(field)} ${shownValue(from)} → ${shownValue(to)}`,
      );
      return `${paint("→", "good")} ${target}: ${changes.join(", ")}`;
    }),
    ...unshown(sends.count - sends.first.length, "organizations to send"),
    "",
  ];
}

/** Returns the fields that both sides changed: the winner, and the lost value. */
function describeConflicts({ conflicts }: PlanOverview): string[] {
  if (conflicts.count === 0) return [];
  const nameOf = { pipedrive: "Pipedrive", planhat: "Planhat" } as const;
  return [
    ...conflicts.first.map(({ record_id, field, pipedrive, planhat, winner, lost }) => {
      const loser = winner === "planhat" ? "Pipedrive" : "Planhat";
      const won = winner === "planhat" ? planhat : pipedrive;
      const what = `company ${record_id} ${oneLine(field)}: changed on both sides`;
      return `${paint("!", "warning")} ${what}; ${nameOf[winner]} wins with ${shownValue(won)}, ${shownValue(lost)} of ${loser} is lost`;
    }),
    ...unshown(conflicts.count - conflicts.first.length, "conflicts"),
    "",
  ];
}

function describeRow(
  { model, source_id, action, fields }: PlannedChange,
  name: string | undefined,
  companies: PlanOverview["companies"],
): string[] {
  const show = (field: string, value: Json) => {
    const company = field === "companyId" && typeof value === "string" ? companies.get(value) : undefined;
    if (company === undefined) return shownValue(value);
    const called = company.name === null ? "" : ` ${shownValue(company.name)}`;
    return `${company.sourceId ?? `row ${value}`}${called}`;
  };
  const title = `${sign(action)} ${model} ${source_id}${name === undefined ? "" : ` ${shownValue(name)}`}`;
  return [title, ...describeFields(action, fields, show)];
}

function unshown(count: number, what: string, where = "; --json shows all"): string[] {
  return count > 0 ? [`… and ${count} more ${what}${where}.`] : [];
}

function changesOf(model: ModelOverview): number {
  return model.create + model.update + model.delete;
}

function sumLine({ models, sends, rejections, conflicts, publication }: PlanOverview): string {
  const sum = (count: (model: ModelOverview) => number) =>
    modelNames.reduce((total, model) => total + count(models[model]), 0);
  const published = toPublish(publication);
  const removed = sum((model) => model.delete);
  const counts = [
    `${sum((model) => model.create)} to create`,
    `${sum((model) => model.update)} to update`,
    ...(removed > 0 ? [`${removed} to delete`] : []),
    `${sum((model) => model.unchanged)} unchanged`,
    ...(sends.count > 0 ? [`${sends.count} to send to Pipedrive`] : []),
    ...(published > 0 ? [`${published} to publish to Planhat`] : []),
    ...(conflicts.count > 0 ? [counted(conflicts.count, "conflict")] : []),
    ...(rejections.count > 0 ? [`${rejections.count} rejected`] : []),
  ];
  const end =
    sum(changesOf) + sends.count + published > 0
      ? "Nothing was written; sync does it."
      : "The rows are as a sync would leave them.";
  return `Plan: ${counts.join(", ")}. ${end}`;
}
