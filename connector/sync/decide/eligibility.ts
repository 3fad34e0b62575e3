import type { CompiledDeals, RecordContext } from "../../mapping/compiled-mapping.ts";
import type { JsonObject } from "../../mapping/value.ts";
import type { SkipReason } from "../summary.ts";

/** One rule of eligibility and whether the deal keeps it. */
export interface RuleVerdict {
  reason: SkipReason;
  holds: boolean;
}

/** A deal as landed, with the records its start date may be computed from. */
export interface LandedDeal {
  record: JsonObject;
  deleted: boolean;
  context: RecordContext;
}

/**
 * Every rule that a deal must keep to sync, in the order in which the first that fails is its reason (contract,
 * sections 5 and 7). Archived deals count like others.
 */
export function dealRules(deals: CompiledDeals, { record, deleted, context }: LandedDeal): RuleVerdict[] {
  return [
    ...ownRules(deals, record, deleted),
    { reason: "no_start_date", holds: deals.startDate(record, context).state === "present" },
  ];
}

function ownRules(deals: CompiledDeals, record: JsonObject, deleted: boolean): RuleVerdict[] {
  return [
    { reason: "direction_none", holds: deals.direction === "receive" },
    { reason: "deleted", holds: !deleted },
    { reason: "not_won", holds: deals.statuses.includes(String(record["status"])) },
    {
      reason: "pipeline_not_selected",
      holds: deals.pipelineIds === null || deals.pipelineIds.includes(Number(record["pipeline_id"])),
    },
    { reason: "no_organization", holds: typeof record["org_id"] === "number" },
  ];
}

/**
 * The reason that a deal's own status, pipeline and organization give, or undefined when they give none: then the whole
 * record, and what is around it, decides.
 */
export function earlySkipReason(deals: CompiledDeals, record: JsonObject, deleted: boolean): SkipReason | undefined {
  return ownRules(deals, record, deleted).find((rule) => !rule.holds)?.reason;
}

/** The reason for which a deal does not sync, or undefined when it is eligible. */
export function skipReason(deals: CompiledDeals, deal: LandedDeal): SkipReason | undefined {
  return dealRules(deals, deal).find((rule) => !rule.holds)?.reason;
}
