import { companyNames } from "../../database/rows/row-names.ts";
import type { PlannedRejection } from "../../database/tables/rejections.ts";
import type { Json } from "../../mapping/value.ts";
import { modelNames } from "../../model-name.ts";
import { withoutSecrets } from "../../secrets.ts";
import type { FieldChange } from "../decision.ts";
import type { PlannedChange } from "../planned.ts";
import type { SyncRequest } from "../run-context.ts";
import type { Summary } from "../summary.ts";
import type { Plan } from "./run-plan.ts";

/** The name and the version of the format of plan files. */
export const planFormat = "pipedrive-planhat plan";
export const planVersion = 1;

/** The conditions of a plan: it is executed under equal ones, or not at all. */
export interface PlanBasis {
  /** The account's number in Pipedrive; null if unknown. */
  account: { company_id: number | null; name: string };
  database: DatabaseIdentity;
  /** The fingerprint of the mapping. */
  mapping: string;
  /** The config's settings, besides the mapping, that decide what is synced. */
  config: { start_date: string | null; follow_changes: boolean; planhat: string | null };
  options: { full: boolean; companies: number[] };
}

/** The identity of a database, and its location. */
export interface DatabaseIdentity {
  location: string;
  identity: string;
}

/** The header of a plan file, before its changes. */
export interface PlanHeader extends PlanBasis {
  format: typeof planFormat;
  version: typeof planVersion;
  id: string;
  made_at: string;
  made_by: string;
  /** The version of the connector. */
  connector: string;
  /** True if it was made with `--yes`. */
  yes: boolean;
  /** The object of `plan --json`, including what waits for consent and for the brake. */
  summary: Summary;
}

/** The lists of a plan file, in order. */
export const planSections = ["changes", "conflicts", "rejections", "objects", "twins"] as const;

/** A list of a plan file. */
export type PlanSection = (typeof planSections)[number];

/** An element of a plan file. */
export interface PlanElement {
  section: PlanSection;
  value: Record<string, Json>;
}

/** Companies per lookup. */
const companiesAtOnce = 500;

/** Yields all elements of a plan in the order of the file, while its dry run is open. */
export async function* planElements(request: SyncRequest, plan: Plan): AsyncGenerator<PlanElement, void> {
  for await (const change of withOrganizations(request, changesOf(plan))) yield element("changes", change);
  for (const send of plan.sends) yield element("changes", send);
  for await (const conflict of plan.conflicts()) yield element("conflicts", conflict);
  for await (const rejection of plan.rejections()) yield element("rejections", rejectionJson(rejection));
  for (const object of plan.publication?.objects ?? []) yield element("objects", object);
  for (const { sourceId, name, planhatId } of plan.publication?.twins ?? [])
    yield element("twins", { source_id: sourceId, name, planhat_id: planhatId });
}

/** Returns a rejection in the form of plans. */
export function rejectionJson({ stream, recordId, model, field, reason }: PlannedRejection): object {
  return { stream, record_id: recordId, model, field, reason };
}

/** Returns an element's key, unique within a plan. */
export function elementKey({ section, value }: PlanElement): string {
  const of = (...names: string[]) => names.map((name) => String(value[name] ?? "")).join(" ");
  switch (section) {
    case "changes": {
      if (value["action"] !== "send") return `row ${of("model", "source_id")}`;
      // An organization to be created has no id yet.
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

/** Returns an element with the value as in the file, with secrets masked. */
function element(section: PlanSection, value: object): PlanElement {
  return { section, value: JSON.parse(withoutSecrets(JSON.stringify(value))) as Record<string, Json> };
}

/** Replaces companies' row ids by their organizations: ids of new rows differ when the plan is executed. */
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

/** Returns the number of actions of a plan; 0 if there is nothing to do. */
export function countToDo({ sends, publication }: Pick<Plan, "sends" | "publication">, changes: number): number {
  if (publication === undefined) return changes + sends.length;
  return modelNames.reduce((sum, model) => {
    const { create, take_over, update } = publication.published[model];
    return sum + create + take_over + update + publication.deleted[model];
  }, changes + sends.length);
}
