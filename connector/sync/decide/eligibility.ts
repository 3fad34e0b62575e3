import type { CompiledDeals, RecordContext } from "../../mapping/compiled-mapping.ts";
import type { JsonObject } from "../../mapping/value.ts";
import type { SkipReason } from "../summary.ts";

/** One rule of eligibility, and whether the deal meets it. */
export interface RuleVerdict {
  reason: SkipReason;
  holds: boolean;
}

/** A landed deal, with the records from which its start date may be computed. */
export interface LandedDeal {
  record: JsonObject;
  deleted: boolean;
  context: RecordContext;
}

/**
 * Returns every rule that a deal must meet to sync, in order: the first one not met is its reason (contract, sections 5
 * and 7). Archived deals count like others.
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
 * Returns the reason given by a deal's own status, pipeline and organization; undefined if there is none, and the whole
 * record with its related ones decides.
 */
export function earlySkipReason(deals: CompiledDeals, record: JsonObject, deleted: boolean): SkipReason | undefined {
  return ownRules(deals, record, deleted).find((rule) => !rule.holds)?.reason;
}

/** Returns the reason why a deal does not sync; undefined if it is eligible. */
export function skipReason(deals: CompiledDeals, deal: LandedDeal): SkipReason | undefined {
  return dealRules(deals, deal).find((rule) => !rule.holds)?.reason;
}
