import { expect } from "chai";
import type { CompiledDeals } from "../../../connector/mapping/compiled-mapping.ts";
import { type JsonObject, NULL, present } from "../../../connector/mapping/value.ts";
import { dealRules, skipReason } from "../../../connector/sync/decide/eligibility.ts";

const deals = (rules: Partial<CompiledDeals> = {}): CompiledDeals => ({
  stream: "deals",
  direction: "receive",
  prefer: "pipedrive",
  createInPipedrive: false,
  models: [],
  map: () => ({ model: "license", fields: [], rejections: [] }),
  whenLost: "keep",
  whenRemoved: "keep",
  kind: "licenses",
  makesLineItems: false,
  asksForProducts: false,
  mayBeNone: false,
  statuses: ["won"],
  pipelineIds: null,
  startDate: (record) => (typeof record["won_time"] === "string" ? present("2026-01-31") : NULL),
  startDateTrace: () => [],
  ...rules,
});
const won: JsonObject = { id: 1, status: "won", pipeline_id: 1, org_id: 7, won_time: "2026-01-31T10:00:00Z" };
const reasonOf = (record: JsonObject, rules: Partial<CompiledDeals> = {}, deleted = false) =>
  skipReason(deals(rules), { record, deleted, context: {} });

describe("a deal is eligible", () => {
  it("when it is won, in a selected pipeline, has an organization and a valid start date", () => {
    expect(reasonOf(won)).to.equal(undefined);
    expect(reasonOf(won, { pipelineIds: [1, 2] })).to.equal(undefined);
  });
  it("also when it is archived", () => {
    expect(reasonOf({ ...won, is_archived: true })).to.equal(undefined);
  });
  it("with another status, when the mapping lists it", () => {
    expect(reasonOf({ ...won, status: "open" }, { statuses: ["open", "won"] })).to.equal(undefined);
  });
});

describe("a deal is left out", () => {
  const cases: [string, string, JsonObject, Partial<CompiledDeals>, boolean][] = [
    ["it is deleted", "deleted", won, {}, true],
    ["it is not won", "not_won", { ...won, status: "open" }, {}, false],
    ["its pipeline is not selected", "pipeline_not_selected", won, { pipelineIds: [2] }, false],
    ["it has no organization", "no_organization", { ...won, org_id: null }, {}, false],
    ["it has no valid start date", "no_start_date", { ...won, won_time: null }, {}, false],
    ["deals do not receive", "direction_none", won, { direction: "none" }, false],
  ];
  for (const [title, reason, record, rules, deleted] of cases) {
    it(`because ${title}: ${reason}`, () => expect(reasonOf(record, rules, deleted)).to.equal(reason));
  }

  it("with the first reason that applies, in the contract's order, while every rule is told", () => {
    const record: JsonObject = { id: 1, status: "lost", pipeline_id: 9 };
    const rules = dealRules(deals({ pipelineIds: [1] }), { record, deleted: true, context: {} });
    expect(rules.filter(({ holds }) => !holds).map(({ reason }) => reason)).to.deep.equal([
      "deleted",
      "not_won",
      "pipeline_not_selected",
      "no_organization",
      "no_start_date",
    ]);
  });
});
