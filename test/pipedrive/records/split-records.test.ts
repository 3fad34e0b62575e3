import { expect } from "chai";
import fc from "fast-check";
import type { JsonObject } from "../../../connector/mapping/value.ts";
import { splitRecords as splitBytes } from "../../../connector/pipedrive/records/split-records.ts";

const page = (records: JsonObject[], rest: JsonObject = {}) =>
  JSON.stringify({ success: true, data: records, ...rest });

const splitRecords = (text: string, records: JsonObject[]) =>
  splitBytes(Buffer.from(text), records)?.map((bytes) => bytes.toString());

describe("the records' own texts out of a page", () => {
  it("are those that were parsed, whatever the records hold", () => {
    const record = fc
      .tuple(
        fc.integer({ min: 1, max: 1e9 }),
        fc.dictionary(fc.string({ minLength: 1 }), fc.jsonValue(), { maxKeys: 4 }),
      )
      .map(([id, rest]) => JSON.parse(JSON.stringify({ id, title: "}]", ...rest, list: [{ a: 1 }] })) as JsonObject)
      .filter(({ id }) => typeof id === "number");
    fc.assert(
      fc.property(fc.array(record, { maxLength: 6 }), (records) => {
        const pieces = splitRecords(page(records, { additional_data: { next_cursor: "}]" } }), records);
        if (pieces !== undefined) expect(pieces.map((piece) => JSON.parse(piece))).to.deep.equal(records);
      }),
    );
  });

  it("are found in an ordinary page", () => {
    const records = [
      { id: 1, name: "A" },
      { id: 2, emails: [{ value: "x" }] },
      { id: 3, custom_fields: {} },
    ];
    expect(splitRecords(page(records), records)).to.deep.equal(records.map((record) => JSON.stringify(record)));
    expect(splitRecords(page([{ id: 7, name: "only" }]), [{ id: 7, name: "only" }])).to.deep.equal([
      '{"id":7,"name":"only"}',
    ]);
  });

  it("are found whatever stands in the place of an id, also an object that is no text", () => {
    for (const id of [{ toString: "" }, { valueOf: null }, [1], "a", null, true]) {
      const records = [{ id, name: "A" }];
      expect(splitRecords(page(records), records)).to.deep.equal([JSON.stringify(records[0])]);
    }
  });

  it("are given up where a text looks like the beginning of a record, or the page is written otherwise", () => {
    const tricky = [
      { id: 1, name: 'a},{"id":2,' },
      { id: 2, name: "b" },
    ];
    const plain = page(tricky).replace('a},{\\"id\\":2,', "a");
    expect(splitRecords(plain.replace('"name":"a"', '"owners":[{"x":1},{"id":9}]'), tricky)).to.equal(undefined);
    expect(splitRecords(JSON.stringify({ data: tricky }, null, 1), tricky)).to.equal(undefined);
    expect(splitRecords(page([{ name: "first", id: 1 }]), [{ name: "first", id: 1 }])).to.equal(undefined);
    expect(splitRecords(page([]), [])).to.equal(undefined);
  });
});
