import { expect } from "chai";
import type { Json, JsonObject } from "../../../connector/mapping/value.ts";
import { key } from "../account.ts";
import { mapOne } from "../checked.ts";

const deal = (type: Json, more: JsonObject = {}): JsonObject => ({ ...more, custom_fields: { [key("7")]: type } });

describe("a condition", () => {
  const cases: [when: string, record: JsonObject, holds: boolean][] = [
    ["{field: title, is: x}", { title: "x" }, true],
    ["{field: title, is: x}", { title: "y" }, false],
    ["{field: title, is: x}", { title: null }, false],
    ["{field: title, is: x}", {}, false],
    ["{field: value, is: 1}", { value: "1" }, true],
    ["{field: is_archived, is: true}", { is_archived: true }, true],
    ["{field: Deal type, is: One-off}", deal(42), true],
    ["{field: Deal type, in: [One-off, Services]}", deal(43), true],
    ["{field: Deal type, in: [One-off, Services]}", deal(41), false],
    ["{field: Deal type, not: Services}", deal(41), true],
    ["{field: Deal type, not: [Services, Subscription]}", deal(41), false],
    ["{field: Deal type, not: Services}", deal(null), true],
    ["{field: $labels, is: Customer}", { label_ids: [6, 5] }, true],
    ["{field: $labels, not: Customer}", { label_ids: [6, 5] }, false],
    ["{field: title, present: true}", { title: "x" }, true],
    ["{field: title, present: true}", { title: null }, false],
    ["{field: title, present: false}", {}, true],
    ["{field: value, greater: 10}", { value: 10.5 }, true],
    ["{field: value, greater: 10}", { value: 10 }, false],
    ["{field: value, less: 10}", { value: null }, false],
    ["{field: won_time, greater: 2026-01-01}", { won_time: "2026-01-01T00:00:00.5Z" }, true],
    ["{field: won_time, less: 2026-01-01}", { won_time: "2025-12-31T23:59:59Z" }, true],
    ["{field: won_time, less: 5}", { won_time: "2025-12-31T23:59:59Z" }, false],
    ['{field: title, matches: "(?i)^renew"}', { title: "RENEWAL 2026" }, true],
    ['{field: title, matches: "\\\\d{4}$"}', { title: "Renewal 2026" }, true],
    ['{field: title, matches: "\\\\d{4}$"}', { title: "Renewal 26" }, false],
    ["{pipeline: Sales}", { pipeline_id: 1 }, true],
    ["{pipeline: [Renewals, 3]}", { pipeline_id: 3 }, true],
    ["{pipeline: Sales}", { pipeline_id: 2 }, false],
    ["{all: [{pipeline: Sales}, {field: title, is: x}]}", { pipeline_id: 1, title: "x" }, true],
    ["{all: [{pipeline: Sales}, {field: title, is: x}]}", { pipeline_id: 1, title: "y" }, false],
    ["{any: [{pipeline: Sales}, {field: title, is: x}]}", { pipeline_id: 2, title: "x" }, true],
    ["{not: {any: [{pipeline: Sales}, {field: title, is: x}]}}", { pipeline_id: 2, title: "y" }, true],
  ];
  for (const [when, record, holds] of cases) {
    it(`${when} ${holds ? "holds" : "does not hold"} for ${JSON.stringify(record)}`, () => {
      const expected = holds ? "yes" : { rejected: "not mapped" };
      expect(mapOne("deals", `value: yes, when: ${when}`, record)).to.deep.equal(expected);
    });
  }

  it("that compares a number with what is none rejects its field, with the reason", () => {
    expect(mapOne("deals", "value: yes, when: {field: value, greater: 10}", { value: "eleven" })).to.deep.equal({
      rejected: 'its `when` cannot be decided: value: expected a number, found "eleven"',
    });
  });

  it("that looks at an option nobody knows rejects its field, with the reason", () => {
    expect(mapOne("deals", "value: yes, when: {field: Deal type, is: One-off}", deal(99))).to.deep.equal({
      rejected: "its `when` cannot be decided: 99 is not an option of the field",
    });
  });

  it("is decided by the part that can be read, where that is enough", () => {
    const entry = "value: yes, when: {any: [{field: Deal type, is: One-off}, {field: title, is: x}]}";
    expect(mapOne("deals", entry, deal(99, { title: "x" }))).to.equal("yes");
  });
});
