import { expect } from "chai";
import fc from "fast-check";
import type { Json } from "../../connector/mapping/value.ts";
import { columnValue, sameColumnText, sameJson } from "../../connector/planhat/column-value.ts";
import type { ModelProperty, PropertyType } from "../../connector/planhat/models.ts";
import { models } from "../../connector/planhat/models.ts";

const property = (type: PropertyType, more: Partial<ModelProperty> = {}): ModelProperty => ({
  name: "field",
  column: "field",
  type,
  required: false,
  description: "",
  ...more,
});

describe("a value on its way into a column", () => {
  const cases: [string, PropertyType, Exclude<Json, null>, string | RegExp][] = [
    ["text stays text, blanks and all", "string", " a\tb ", " a\tb "],
    ["a number in a text column is its digits", "string", 12.5, "12.5"],
    ["a large number in a text column has no exponent", "string", 1e21, "1000000000000000000000"],
    ["a list in a text column is refused with the transform that helps", "string", ["a"], /is a list.*join/],
    ["an object in a text column is refused", "string", { a: 1 }, /is an object/],
    ["a decimal string keeps all its digits", "number", "12345678901234567890.125", "12345678901234567890.125"],
    ["trailing zeros of a number go", "number", "12.50", "12.5"],
    ["a decimal comma is not guessed at", "number", "12,50", /is not a number/],
    ["true is no number", "number", true, /is not a number/],
    ["a fraction is no whole number", "integer", 1.5, /not a whole number/],
    ["the word yes is not true", "boolean", "yes", /is not true or false/],
    ["an instant in a date column is its UTC day", "date", "2026-01-31T23:30:00-02:00", "2026-02-01"],
    ["0000-00-00 is no date", "date", "0000-00-00", /not a valid date/],
    ["the 30th of February is no date", "date", "2026-02-30", /not a valid date/],
    ["a day in an instant column is its midnight in UTC", "date-time", "2026-01-31", "2026-01-31T00:00:00Z"],
    ["one text in a list column is a list of one", "array", "a", '["a"]'],
    ["half an emoji cannot be stored", "string", "Hi \ud83d", /it holds half of a surrogate pair/],
    ["half an emoji cannot be stored in a list either", "array", ["Hi \ud83d"], /it holds half of a surrogate pair/],
  ];
  for (const [title, type, value, expected] of cases) {
    it(title, () => {
      const result = columnValue(property(type), value);
      if (typeof expected === "string") expect(result).to.deep.equal({ text: expected });
      else expect(result).to.have.property("reason").that.matches(expected);
    });
  }

  it("a sale's value must be positive, as Planhat demands", () => {
    const value = models.sale.get("value")!;
    expect(columnValue(value, 0)).to.deep.equal({ reason: "0 is not greater than 0, which Planhat demands" });
    expect(columnValue(value, 0.01)).to.deep.equal({ text: "0.01" });
  });

  it("lists compare as JSON, whatever the blanks and the order of keys", () => {
    expect(sameColumnText(property("array"), '[{"a": 1, "b": 2}]', '[{"b":2,"a":1}]')).to.equal(true);
    expect(sameColumnText(property("array"), "[1]", "[2]")).to.equal(false);
    expect(sameColumnText(property("string"), "[1]", "[1 ]")).to.equal(false);
  });

  it("two JSON values are the same exactly when their canonical texts are", () => {
    const canonical = (json: Json): string =>
      JSON.stringify(json, (_key, value: unknown) =>
        value !== null && typeof value === "object" && !Array.isArray(value)
          ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
          : value,
      );
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (one, other) => {
        const [a, b] = [JSON.parse(JSON.stringify(one)), JSON.parse(JSON.stringify(other))] as [Json, Json];
        expect(sameJson(a, b)).to.equal(canonical(a) === canonical(b));
        expect(sameJson(a, JSON.parse(canonical(a)) as Json)).to.equal(true);
      }),
    );
  });
});
