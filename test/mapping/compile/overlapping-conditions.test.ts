import { expect } from "chai";
import { mayBothHold } from "../../../connector/mapping/compile/overlapping-conditions.ts";
import type { Json } from "../../../connector/mapping/value.ts";

const tier = (accepted: Json): Json => ({ field: "Tier", is: accepted });

describe("two conditions for one field of the row", () => {
  const cases: [string, Json, Json, boolean][] = [
    ["accept the same value", tier("Gold"), { field: "Tier", in: ["Silver", "Gold"] }, true],
    ["accept the number and its text", tier(1), tier("1"), true],
    ["accept any value and one of them", { field: "Tier", present: true }, tier("Gold"), true],
    ["name a common pipeline", { pipeline: ["Sales", "Renewals"] }, { pipeline: "Sales" }, true],
    ["say the same in more words", { not: { field: "a", is: 1 } }, { not: { field: "a", is: 1 } }, true],
    ["accept different values", tier("Gold"), tier("Silver"), false],
    ["look at different fields", tier("Gold"), { field: "Type", is: "Gold" }, false],
    ["accept a value, and none", tier("Gold"), { field: "Tier", present: false }, false],
    ["name different pipelines", { pipeline: "Sales" }, { pipeline: 3 }, false],
    ["a pipeline, and a field that is called so", { pipeline: "Sales" }, { field: "pipeline", is: "Sales" }, false],
    ["cannot be compared", { field: "value", greater: 5 }, { field: "value", greater: 3 }, false],
    ["are combined differently", { all: [tier("Gold")] }, tier("Gold"), false],
  ];
  for (const [title, one, other, expected] of cases) {
    it(`that ${title} are ${expected ? "told" : "not suspected"}, whichever comes first`, () => {
      expect(mayBothHold(one, other)).to.equal(expected);
      expect(mayBothHold(other, one)).to.equal(expected);
    });
  }

  it("are not compared where one is missing, which is an error of its own", () => {
    expect(mayBothHold(undefined, undefined)).to.equal(false);
    expect(mayBothHold(tier("Gold"), undefined)).to.equal(false);
  });
});
