import type { AccountCatalog } from "../../account-catalog.ts";
import type { CompiledMapping, StartDateStep } from "../../mapping/compiled-mapping.ts";
import { receives } from "../../mapping/direction.ts";
import { shown } from "../../mapping/outcome.ts";
import type { StreamName } from "../../stream-name.ts";
import { dealRules, type LandedDeal, type RuleVerdict } from "../decide/eligibility.ts";
import type { Way } from "./explain-ways.ts";

/** A rule of eligibility, whether the record meets it, and the values that decided, as a sentence. */
export interface ExplainedRule extends RuleVerdict {
  because: string;
}

/** The inputs of explaining rules besides the record. */
export interface RuleMaterial {
  mapping: CompiledMapping;
  /** Names the pipelines; undefined if no account catalog is saved. */
  catalog: AccountCatalog | undefined;
}

/** Returns every rule for a deal, in order: the first one not met is the reason. */
export function explainDealRules({ mapping, catalog }: RuleMaterial, deal: LandedDeal): ExplainedRule[] {
  const { deals } = mapping;
  const { record, context } = deal;
  const sentences: Partial<Record<RuleVerdict["reason"], () => string>> = {
    direction_none: () => directionSentence("deals", mapping),
    deleted: () => deletedSentence(deal.deleted),
    not_won: () => `Its status is ${shown(record["status"])}; the mapping takes ${deals.statuses.join(", ")}.`,
    pipeline_not_selected: () => pipelineSentence(record["pipeline_id"], deals.pipelineIds, catalog),
    no_organization: () => {
      if (typeof record["org_id"] !== "number") return "It has no organization.";
      const name = context.organization?.["name"];
      const known = context.organization === undefined ? "which has not landed" : shown(name);
      return `Its organization is ${record["org_id"]}, ${known}.`;
    },
    no_start_date: () => startDateSentence(deals.startDateTrace(record, context)),
  };
  return dealRules(deals, deal).map((rule) => ({ ...rule, because: sentences[rule.reason]?.() ?? "" }));
}

/**
 * Returns every rule for an organization, a person, a note or a product: its stream receives, it exists, and an
 * eligible deal brings it.
 */
export function explainOtherRules(
  { mapping }: RuleMaterial,
  stream: Exclude<StreamName, "deals">,
  { record, deleted }: Pick<LandedDeal, "record" | "deleted">,
  ways: readonly Way[],
): ExplainedRule[] {
  const bringing = [
    ...new Set(ways.flatMap(({ deals }) => deals.flatMap(({ id, reason }) => (reason === null ? [id] : [])))),
  ];
  return [
    {
      reason: "direction_none",
      holds: receives(mapping[stream].direction),
      because: directionSentence(stream, mapping),
    },
    { reason: "deleted", holds: !deleted, because: deletedSentence(deleted) },
    ...(stream === "deal_products" ? [enabledRule(record)] : []),
    {
      reason: "not_associated",
      holds: bringing.length > 0,
      because: bringingSentence(bringing),
    },
  ];
}

function enabledRule(record: LandedDeal["record"]): ExplainedRule {
  const holds = record["is_enabled"] !== false;
  return {
    reason: "not_enabled",
    holds,
    because: holds ? "It is enabled on its deal." : "It is switched off on its deal.",
  };
}

/** Names the first few deals only: an organization may have thousands. */
function bringingSentence(deals: readonly number[]): string {
  if (deals.length === 0) return "No eligible deal brings it.";
  if (deals.length === 1) return `The eligible deal ${deals[0]} brings it.`;
  return `${deals.length} eligible deals bring it: ${deals.slice(0, 5).join(", ")}${deals.length > 5 ? ", …" : ""}.`;
}

function directionSentence(stream: StreamName, mapping: CompiledMapping): string {
  const { direction, models } = mapping[stream];
  return models.length === 0 && direction === "none"
    ? `No mapping says what becomes of ${stream}: their direction is none.`
    : `The mapping's direction for ${stream} is ${direction}.`;
}

function deletedSentence(deleted: boolean): string {
  return deleted ? "It was deleted in Pipedrive." : "It is not deleted.";
}

function pipelineSentence(
  id: unknown,
  selected: readonly number[] | null,
  catalog: AccountCatalog | undefined,
): string {
  const named = (one: unknown) => {
    const known = [...(catalog?.pipelines ?? []), ...(catalog?.gone?.pipelines ?? [])];
    const name = known.find((pipeline) => pipeline.id === one)?.name;
    return name === undefined ? String(one) : `${name} (${one})`;
  };
  const own = typeof id === "number" ? `Its pipeline is ${named(id)}` : "It has no pipeline";
  return `${own}; ${selected === null ? "every pipeline is selected" : `selected: ${selected.map(named).join(", ") || "none"}`}.`;
}

/** Returns the source of the start date, or why there is none. */
function startDateSentence(steps: readonly StartDateStep[]): string {
  const found = steps.find(({ day }) => day !== null);
  const told = (step: StartDateStep) => `${step.source} ${stateOf(step)}`;
  if (found === undefined) {
    return steps.length === 0
      ? "The mapping names no start_date."
      : `No valid start date: ${steps.map(told).join(", ")}.`;
  }
  const before = steps.slice(0, steps.indexOf(found)).map(told);
  return `Its start date is ${found.day}, from ${found.source}${before.length === 0 ? "" : ` (${before.join(", ")})`}.`;
}

function stateOf({ result }: StartDateStep): string {
  switch (result.state) {
    case "present":
      return `is ${shown(result.value)}, no valid date`;
    case "rejected":
      return `cannot be read: ${result.reason}`;
    default:
      return `is ${result.state}`;
  }
}
