import { expect } from "chai";
import type { Json } from "../../../connector/mapping/value.ts";
import { type Harm, harmOf } from "../../../connector/sync/brake/harm-of.ts";
import { isTooMuch, usualLimits } from "../../../connector/sync/brake/limits.ts";
import type { Decision, RowAction } from "../../../connector/sync/decision.ts";

function decision(
  action: RowAction["action"],
  fields: Record<string, [Json, Json]>,
  movedFrom?: Decision["movedFrom"],
): Pick<Decision, "action" | "movedFrom"> {
  const changes = Object.entries(fields).map(([field, [from, to]]) => [field, { from, to }]);
  const write = { sourceId: "1", columns: {} };
  return {
    action: { model: "license", sourceId: "1", action, fields: Object.fromEntries(changes), write, rejections: [] },
    movedFrom,
  };
}

describe("what the brake counts as harm of a row", () => {
  const cases: [string, Harm, ReturnType<typeof decision>][] = [
    ["a new row", "none", decision("create", { product: [null, "Gold"] })],
    ["a new row that replaces one of another model", "always", decision("create", {}, "sale")],
    ["a row that stays beside one of another model that goes", "always", decision("unchanged", {}, "sale")],
    ["a row as it was", "none", decision("unchanged", {})],
    ["a row that is refused", "none", decision("refuse", {})],
    ["a value where none was", "none", decision("update", { product: [null, "Gold"] })],
    [
      "a custom field that becomes null where it was not there",
      "none",
      decision("update", { "custom.A": [null, null] }),
    ],
    ["a value that becomes NULL", "always", decision("update", { product: ["Gold", null] })],
    ["false that becomes NULL", "always", decision("update", { "custom.A": [false, null] })],
    ["0 that becomes NULL", "always", decision("update", { value: [0, null] })],
    ["a value that becomes another", "by_mapping", decision("update", { product: ["Gold", "Silver"] })],
    ["another company", "by_mapping", decision("update", { companyId: ["1", "2"] })],
    ["one value lost beside one filled", "always", decision("update", { a: ["x", null], b: [null, "y"] })],
    ["one value lost beside one replaced", "always", decision("update", { a: ["x", "y"], b: ["y", null] })],
    ["one filled beside one replaced", "by_mapping", decision("update", { a: ["x", "y"], b: [null, "y"] })],
  ];
  for (const [what, harm, decided] of cases) {
    it(`${what}: ${harm.replace("_", " the ")}`, () => {
      expect(harmOf(decided)).to.equal(harm);
    });
  }
});

describe("how much the brake lets a run harm", () => {
  const cases: [number, number, boolean][] = [
    [0, 0, false],
    [100, 100, false],
    [101, 101, true],
    [101, 202, false],
    [102, 203, true],
    [300, 700, false],
    [351, 700, true],
  ];
  for (const [harmed, total, stops] of cases) {
    it(`${harmed} of ${total} rows: ${stops ? "stopped" : "goes on"}`, () => {
      expect(isTooMuch(harmed, total, usualLimits)).to.equal(stops);
    });
  }

  it("needs both: many rows of a large table flow, and all of a small one", () => {
    expect(isTooMuch(10_000, 30_000, usualLimits)).to.equal(false);
    expect(isTooMuch(30, 30, usualLimits)).to.equal(false);
    expect(isTooMuch(1, 1, { share: 0, rows: 0 })).to.equal(true);
    expect(isTooMuch(1000, 1000, { share: 1, rows: 0 })).to.equal(false);
  });
});
