import type { PlannedRejection } from "../../database/rejections.ts";
import { companyNames } from "../../database/row-names.ts";
import type { Json } from "../../mapping/value.ts";
import { modelNames } from "../../model-name.ts";
import { withoutSecrets } from "../../secrets.ts";
import type { FieldChange } from "../decision.ts";
import type { PlannedChange } from "../planned.ts";
import type { SyncRequest } from "../run-context.ts";
import type { Summary } from "../summary.ts";
import type { Plan } from "./run-plan.ts";

/** The name and the version of the form that plans are kept in. */
export const planFormat = "pipedrive-planhat plan";
export const planVersion = 1;

/** What a plan was made with: it is carried out with the same, or not at all. */
export interface PlanBasis {
  /** Pipedrive's number of the account; null where it is not told. */
  account: { company_id: number | null; name: string };
  database: DatabaseIdentity;
  /** The fingerprint of the mapping. */
  mapping: string;
  /** What the config says beside the mapping of what is synced. */
  config: { start_date: string | null; follow_changes: boolean; planhat: string | null };
  options: { full: boolean; companies: number[] };
}

/** By which a database is known again, and where it was. */
export interface DatabaseIdentity {
  location: string;
  identity: string;
}

/** What stands before the changes of a kept plan. */
export interface PlanHeader extends PlanBasis {
  format: typeof planFormat;
  version: typeof planVersion;
  id: string;
  made_at: string;
  made_by: string;
  /** The version of the connector. */
  connector: string;
  /** It was made with `--yes`. */
  yes: boolean;
  /** What `plan --json` says of it, what waits for consent and for the brake among it. */
  summary: Summary;
}

/** The lists of a kept plan, in the order in which they stand in it. */
export const planSections = ["changes", "conflicts", "rejections", "objects", "twins"] as const;

/** A list of a kept plan. */
export type PlanSection = (typeof planSections)[number];

/** One thing that a kept plan says, as it stands in the file. */
export interface PlanElement {
  section: PlanSection;
  value: Record<string, Json>;
}

/** How many companies are looked up at once. */
const companiesAtOnce = 500;

/** Everything that a plan says, in the order of the file, while its rehearsal goes on. */
export async function* planElements(request: SyncRequest, plan: Plan): AsyncGenerator<PlanElement, void> {
  for await (const change of withOrganizations(request, changesOf(plan))) yield element("changes", change);
  for (const send of plan.sends) yield element("changes", send);
  for await (const conflict of plan.conflicts()) yield element("conflicts", conflict);
  for await (const rejection of plan.rejections()) yield element("rejections", rejectionJson(rejection));
  for (const object of plan.publication?.objects ?? []) yield element("objects", object);
  for (const { sourceId, name, planhatId } of plan.publication?.twins ?? [])
    yield element("twins", { source_id: sourceId, name, planhat_id: planhatId });
}

/** A rejection as plans show it. */
export function rejectionJson({ stream, recordId, model, field, reason }: PlannedRejection): object {
  return { stream, record_id: recordId, model, field, reason };
}

/** What an element is about: of one kept plan no two have the same. */
export function keyOf({ section, value }: PlanElement): string {
  const of = (...names: string[]) => names.map((name) => String(value[name] ?? "")).join(" ");
  switch (section) {
    case "changes": {
      if (value["action"] !== "send") return `row ${of("model", "source_id")}`;
      // One that is to be made in Pipedrive has no id yet.
      return value["source_id"] === null ? `send ${JSON.stringify(value["fields"])}` : `send ${of("source_id")}`;
    }
    case "conflicts":
      return `conflict ${of("stream", "record_id", "field")}`;
    case "rejections":
      return `rejection ${of("stream", "record_id", "model", "field")}`;
    case "objects":
      return `object ${of("model", "source_id")}`;
    case "twins":
      return `twin ${of("source_id", "planhat_id")}`;
  }
}

async function* changesOf(plan: Plan): AsyncGenerator<PlannedChange, void> {
  for await (const { change } of plan.rows()) if (change !== undefined) yield change;
}

/** The value as it stands in the file, where no secret does. */
function element(section: PlanSection, value: object): PlanElement {
  return { section, value: JSON.parse(withoutSecrets(JSON.stringify(value))) as Record<string, Json> };
}

/**
 * Names companies by their organizations in place of the row ids: those of new rows are drawn anew when the plan is
 * carried out.
 */
async function* withOrganizations(
  { database }: SyncRequest,
  changes: AsyncIterable<PlannedChange>,
): AsyncGenerator<PlannedChange, void> {
  let some: PlannedChange[] = [];
  const named = async () => {
    const ids = new Set(some.flatMap(({ fields: { companyId } }) => idsOf(companyId)));
    const companies = await companyNames(database, [...ids]);
    const nameOf = (id: Json) =>
      typeof id !== "string" ? id : (companies.get(id)?.sourceId ?? `row ${id} of planhat.companies`);
    return some.map((change) => {
      const { companyId } = change.fields;
      if (companyId === undefined) return change;
      const named = { from: nameOf(companyId.from), to: nameOf(companyId.to) };
      return { ...change, fields: { ...change.fields, companyId: named } };
    });
  };
  for await (const change of changes) {
    some.push(change);
    if (some.length < companiesAtOnce) continue;
    yield* await named();
    some = [];
  }
  yield* await named();
}

function idsOf(change: FieldChange | undefined): string[] {
  return [change?.from, change?.to].filter((id) => typeof id === "string");
}

/** How much a plan does: nothing where all is 0. */
export function countToDo({ sends, publication }: Pick<Plan, "sends" | "publication">, changes: number): number {
  if (publication === undefined) return changes + sends.length;
  return modelNames.reduce((sum, model) => {
    const { create, take_over, update } = publication.published[model];
    return sum + create + take_over + update + publication.deleted[model];
  }, changes + sends.length);
}
