import { expect } from "chai";
import type { JsonObject } from "../../connector/mapping/value.ts";
import { readOutcome } from "../../connector/planhat/outcome.ts";

const items: JsonObject[] = [{ sourceId: "1" }, { _id: "b", sourceId: "2" }, { sourceId: "3" }];

const read = (answer: JsonObject) => {
  const { accepted, refused, unclear, unnamed } = readOutcome(items, answer);
  return { accepted: [...accepted].map(([place, { id }]) => [place, id]), refused: [...refused], unclear, unnamed };
};

describe("the answer to a bulk upsert", () => {
  it("tells by their keys what was made and changed", () => {
    const answer = {
      created: 2,
      updated: 1,
      insertsKeys: [
        { _id: "c", sourceId: "3" },
        { _id: "a", sourceId: "1" },
      ],
      updatesKeys: [{ _id: "b" }],
    };
    expect(read(answer)).to.deep.equal({
      accepted: [
        [2, "c"],
        [0, "a"],
        [1, "b"],
      ],
      refused: [],
      unclear: [],
      unnamed: [],
    });
  });

  it("names no keys: the counts say that all is well, and no id is taken for granted", () => {
    expect(read({ created: 1, updated: 1, nonupdates: 1 })).to.deep.include({ unclear: [], refused: [] });
    expect(read({ created: 1, updated: 1, nonupdates: 1 }).accepted).to.deep.equal([
      [0, undefined],
      [1, undefined],
      [2, undefined],
    ]);
  });

  const errors: [string, JsonObject][] = [
    ["an object with the item's key", { sourceId: "3", message: "bad" }],
    ["an object with the item in it", { item: { sourceId: "3" }, error: "bad" }],
    ["an object with the reason under another name", { sourceId: "3", reason: "bad" }],
  ];
  for (const [name, error] of errors) {
    it(`names an error's item by ${name}`, () => {
      const { refused, unclear } = read({ created: 1, nonupdates: 1, createdErrors: [error] });
      expect(refused).to.deep.equal([[2, "bad"]]);
      expect(unclear).to.deep.equal([]);
    });
  }

  it("has an error without a name: what it does not speak of is unclear", () => {
    const answer = { created: 1, updated: 0, createdErrors: ["bad"], insertsKeys: [{ _id: "a", sourceId: "1" }] };
    expect(read(answer)).to.deep.equal({ accepted: [[0, "a"]], refused: [], unclear: [1, 2], unnamed: ["bad"] });
  });

  it("speaks of fewer than were sent: the others may have been dropped", () => {
    expect(read({ created: 1, updatesKeys: [{ _id: "b" }], updated: 1 }).unclear).to.deep.equal([0, 2]);
  });

  it("lists errors under any name that ends in Errors", () => {
    expect(read({ permissionErrors: ["no"], created: 0 })).to.deep.include({ unclear: [0, 1, 2], unnamed: ["no"] });
  });
});
