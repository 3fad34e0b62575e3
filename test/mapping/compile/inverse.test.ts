import { expect } from "chai";
import fc from "fast-check";
import type { FieldInverse } from "../../../connector/mapping/compiled-mapping.ts";
import { EMPTY, type Json, NULL, present } from "../../../connector/mapping/value.ts";
import { key } from "../account.ts";
import { jsonOf, mapOne, mapping } from "../checked.ts";

function inverse(entry: string): FieldInverse {
  return mapping("organizations", entry, "direction: both\n").models[0]!.fields.at(-1)!.inverse!;
}

function back(entry: string, value: Exclude<Json, null>): Json | undefined | { rejected: string } {
  const result = inverse(entry).apply(present(value));
  return result.state === "rejected" ? { rejected: result.reason } : jsonOf(result);
}

describe("a value on its way back to Pipedrive", () => {
  it("goes to the key of its field, and to its part", () => {
    const { apply: _apply, ...city } = inverse("pipedrive: address.locality");
    expect(city).to.deep.equal({ key: "address", custom: false, part: "locality" });
    const { apply: _other, ...tier } = inverse("pipedrive: Tier");
    expect(tier).to.deep.equal({ key: key("b"), custom: true });
  });

  it("null clears, empty says nothing", () => {
    expect(inverse("pipedrive: Tier").apply(NULL)).to.equal(NULL);
    expect(inverse("pipedrive: Tier").apply(EMPTY)).to.equal(EMPTY);
  });

  const cases: [string, string, Exclude<Json, null>, Json | { rejected: string }][] = [
    ["an option goes back as its id", "pipedrive: Tier", "Gold", 21],
    ["a label with a comma is one label", "pipedrive: Industry", "Steel, wood", 18],
    ["a set goes back as ids", "pipedrive: Products", ["Support, premium", "Core"], [32, 31]],
    ["a set given as one text is not cut at its comma", "pipedrive: Products", "Support, premium", [32]],
    ["a set without elements goes back as null, since Pipedrive refuses []", "pipedrive: Products", [], null],
    [
      "an unknown label is refused",
      "pipedrive: Tier",
      "Tin",
      { rejected: '"Tin" is the label of no option of the field' },
    ],
    [
      "a list for one option is refused",
      "pipedrive: Tier",
      ["Gold"],
      { rejected: '["Gold"] is a list and the field takes one option' },
    ],
    ["a number goes back as a number", "pipedrive: Seats", "12.50", 12.5],
    ["a text for a number field of every organization goes as a number", "pipedrive: employee_count", "40", 40],
    [
      "a number with a fraction for a whole one is refused",
      "pipedrive: employee_count",
      "40.5",
      { rejected: '"40.5" is not a whole number, and the field takes one' },
    ],
    ["a number for a text goes as a text", "pipedrive: website", 12, "12"],
    [
      "a list for a text is refused",
      "pipedrive: website",
      ["a"],
      { rejected: '["a"] is a list and the field takes one text' },
    ],
    ["a number that is none is refused", "pipedrive: Seats", "many", { rejected: '"many" is not a number' }],
    [
      "through a lookup and what follows it",
      "pipedrive: Tier, transform: [{lookup: {Gold: a, Silver: b}}, uppercase]",
      "B",
      22,
    ],
    [
      "a value that no lookup leads to is refused",
      "pipedrive: Tier, transform: [{lookup: {Gold: a}}, uppercase]",
      "Z",
      { rejected: '"Z" comes of no value in the lookup' },
    ],
    [
      "through several transforms, the last first",
      "pipedrive: Seats, transform: [{multiply: 2}, {prefix: n}]",
      "n25",
      12.5,
    ],
    ["an id that the mapping hands on", "pipedrive: Tier, transform: [id]", 21, 21],
  ];
  for (const [title, entry, value, expected] of cases) {
    it(title, () => {
      expect(back(entry, value)).to.deep.equal(expected);
    });
  }

  it("what came from Pipedrive goes back as it came", () => {
    const entries = [
      "pipedrive: Tier",
      "pipedrive: Tier, transform: [id]",
      "pipedrive: Tier, transform: [{lookup: {Gold: A, Silver: B}}]",
    ];
    fc.assert(
      fc.property(fc.constantFrom(...entries), fc.constantFrom(21, 22), (entry, id) => {
        const there = mapOne("organizations", entry, { custom_fields: { [key("b")]: id } });
        expect(back(entry, there as string)).to.equal(id);
      }),
    );
    fc.assert(
      fc.property(fc.uniqueArray(fc.constantFrom(31, 32), { minLength: 1 }), (ids) => {
        const there = mapOne("organizations", "pipedrive: Products", { custom_fields: { [key("1")]: ids } });
        expect(back("pipedrive: Products", there as string[])).to.deep.equal(ids);
      }),
    );
  });
});
