import type { JsonObject } from "../../mapping/value.ts";

/** The pipelines by id with their stages in order. */
const pipelines: readonly (readonly [id: number, name: string, stages: readonly string[]])[] = [
  [1, "Sales", ["Qualified", "Contact made", "Demo scheduled", "Proposal made", "Negotiations started"]],
  [2, "Renewals", ["Renewal due", "Offer sent", "Confirmed"]],
  [3, "Partners", ["Introduced", "Terms agreed", "Signed"]],
];

// The pipeline that came with the account has no update_time (API v2, seen on real accounts).
const seededId = 1;

/** Returns the pipelines as `GET /api/v2/pipelines` lists them. */
export function inventPipelines(): JsonObject[] {
  return pipelines.map(([id, name]) => ({
    id,
    name,
    order_nr: id,
    is_deleted: false,
    is_deal_probability_enabled: id === 1,
    add_time: "2018-11-13T09:16:26Z",
    update_time: id === seededId ? null : "2021-04-06T10:00:00Z",
  }));
}

/** Returns the stages as `GET /api/v2/stages` lists them: ids count up over all pipelines. */
export function inventStages(): JsonObject[] {
  let id = 0;
  return pipelines.flatMap(([pipelineId, , names]) =>
    names.map((name, index) => ({
      id: ++id,
      order_nr: index + 1,
      name,
      is_deleted: false,
      deal_probability: Math.round((100 * (index + 1)) / names.length),
      pipeline_id: pipelineId,
      is_deal_rot_enabled: index === 0,
      days_to_rotten: index === 0 ? 30 : null,
      add_time: "2018-11-13T09:16:26Z",
      update_time: pipelineId === seededId ? null : "2021-04-06T10:00:00Z",
    })),
  );
}

/** Returns the ids of a pipeline's stages, first to last. */
export function stageIdsOf(pipelineId: number): number[] {
  return inventStages()
    .filter((stage) => stage["pipeline_id"] === pipelineId)
    .map((stage) => stage["id"] as number);
}
