import type { SkipReason } from "../../sync/summary.ts";

/** The reasons for leaving a record out, in words. */
export const skipWords: Readonly<Record<SkipReason, string>> = {
  direction_none: "in a stream with direction none",
  deleted: "deleted",
  not_won: "not won",
  pipeline_not_selected: "in a pipeline that is not selected",
  no_organization: "without an organization",
  no_start_date: "without a valid start date",
  archived: "archived",
  not_associated: "not associated with an eligible deal",
  forgotten: "forgotten, and not taken again",
  not_enabled: "not enabled on their deal",
  no_row: "no row by the mapping (model: none)",
};
