import { expect } from "chai";
import fc from "fast-check";
import type { JsonObject } from "../../../connector/mapping/value.ts";
import { type Decoded, decode } from "../../../connector/pipedrive/records/decode.ts";
import type { StreamName } from "../../../connector/stream-name.ts";
import { failureOf } from "../failure-of.ts";

function decodeText(stream: StreamName, text: string): Decoded {
  return decode(stream, { text, bytes: Buffer.from(text), body: JSON.parse(text) as JsonObject });
}
const page = (...records: string[]) =>
  `{"success":true,"data":[${records.join(",")}],"additional_data":{"next_cursor":null}}`;

describe("a page of records", () => {
  it("gives each record with its id, time and whether it is deleted", () => {
    const { records, rejected } = decodeText(
      "deals",
      page(
        '{"id":1,"update_time":"2026-01-31T10:00:00Z","is_deleted":false,"status":"won"}',
        '{"id":2,"update_time":null,"is_deleted":true,"status":"deleted"}',
        '{"id":3}',
      ),
    );
    expect(rejected).to.deep.equal([]);
    expect(records.map(({ id, updateTime, deleted }) => [id, updateTime, deleted])).to.deep.equal([
      [1, "2026-01-31T10:00:00Z", false],
      [2, null, true],
      [3, null, false],
    ]);
  });

  it("keeps unknown keys, and null and absent keys apart", () => {
    const record = { id: 1, invented_later: [{ a: null }], org_id: null, custom_fields: { abc: null, def: "x" } };
    const { records } = decodeText("deals", page(JSON.stringify(record)));
    expect(records[0]!.record).to.deep.equal(record);
    expect(records[0]!.record).not.to.have.property("person_id");
  });

  it("hands on the API's own text, but not where a whole number is written with a fraction", () => {
    const texts = (...records: string[]) =>
      decodeText("deals", page(...records)).records.map(({ bytes }) => bytes?.toString());
    const plain = '{"id":1,"org_id":7,"title":"1.0, e-mail","value":1.05}';
    expect(texts(plain)).to.deep.equal([plain]);
    for (const number of ["7.0", "7.00", "70e-1", "0.7E+1", "7.0 "]) {
      const [record] = decodeText("deals", page(`{"id":1,"org_id":${number}}`)).records;
      expect(record!.record, number).to.deep.equal({ id: 1, org_id: 7 });
      if (!number.includes("+")) expect(record!.bytes?.toString(), number).to.equal(undefined);
    }
  });

  it("takes an empty list, null for it, and one record alone", () => {
    expect(decodeText("notes", '{"success":true,"data":[]}')).to.deep.equal({ records: [], rejected: [] });
    expect(decodeText("notes", '{"success":true,"data":null}')).to.deep.equal({ records: [], rejected: [] });
    expect(decodeText("notes", '{"success":true,"data":{"id":7}}').records).to.have.length(1);
  });

  it("is refused when it has no data", async () => {
    const failure = await failureOf(() => decodeText("notes", '{"success":true}'));
    expect(failure.message).to.equal("Pipedrive answered a request for notes without any data.");
  });

  it("turns the times and flags of v1 into those of v2", () => {
    const { records } = decodeText(
      "notes",
      page(
        '{"id":1,"add_time":"2019-12-09 13:59:21","update_time":"2019-12-09 14:26:11","active_flag":1,"pinned_to_deal_flag":0}',
        '{"id":2,"active_flag":0}',
        '{"id":3,"active_flag":false}',
      ),
    );
    expect(records[0]!.record).to.deep.equal({
      id: 1,
      add_time: "2019-12-09T13:59:21Z",
      update_time: "2019-12-09T14:26:11Z",
      active_flag: true,
      pinned_to_deal_flag: false,
    });
    expect(records.map(({ deleted }) => deleted)).to.deep.equal([false, true, true]);
  });

  it("takes a value of another type that says the same, and the record whatever its other fields hold", () => {
    const text = page(
      '{"id":"7","org_id":"8","visible_to":"3","value":"12.50","title":5,"is_archived":"true","channel":"x","probability":[1],"mrr":"1e3"}',
    );
    const { records, rejected } = decodeText("deals", text);
    expect(rejected).to.deep.equal([]);
    expect(records[0]!.record).to.deep.equal({
      id: 7,
      org_id: 8,
      visible_to: 3,
      value: 12.5,
      title: "5",
      is_archived: true,
      channel: "x",
      probability: [1],
      mrr: "1e3",
    });
    expect([records[0]!.id, records[0]!.bytes]).to.deep.equal([7, undefined]);
  });

  it("keeps a record of v2 as it is, though v1 has a key of that name too", () => {
    const record = {
      id: 1,
      owner_id: 3,
      label_ids: [4],
      is_deleted: false,
      address: { value: "A", locality: null },
      address_of_later: { x: 1 },
      custom_fields: null,
      "0123456789abcdef0123456789abcdef01234567": "x",
    };
    expect(decodeText("organizations", page(JSON.stringify(record))).records[0]!.record).to.deep.equal(record);
  });

  it("keeps dates that no calendar has as they were sent, and the record with them", () => {
    const record = {
      id: 1,
      won_time: "0000-00-00 00:00:00",
      expected_close_date: "0000-00-00",
      custom_fields: { d: "2026-02-30" },
    };
    expect(decodeText("deals", page(JSON.stringify(record))).records[0]!.record).to.deep.equal(record);
  });

  it("takes the nulls that real accounts hold, in every field but the id", () => {
    for (const stream of ["deals", "organizations", "persons", "notes"] as const) {
      const keys = [
        "name",
        "title",
        "owner_id",
        "update_time",
        "custom_fields",
        "label_ids",
        "address",
        "emails",
        "value",
        "content",
        "user",
        "is_deleted",
        "active_flag",
      ];
      const record = Object.fromEntries(keys.map((key) => [key, null]));
      expect(decodeText(stream, page(JSON.stringify({ id: 1, ...record }))).rejected).to.deep.equal([]);
    }
  });

  it("keeps a note of a megabyte whole", () => {
    const content = `<p>${'ä🚗\\" '.repeat(150_000)}</p>`;
    expect(decodeText("notes", page(JSON.stringify({ id: 1, content }))).records[0]!.record["content"]).to.equal(
      content,
    );
  });

  describe("rejects, with its whole text and where and why, a record", () => {
    const cases: [string, StreamName, string, string, number | null][] = [
      [
        "of the wrong type",
        "deals",
        '{"id":5,"org_id":"abc"}',
        'org_id: expected a whole number or null, found "abc"',
        5,
      ],
      [
        "that the connector cannot place by its pipeline",
        "deals",
        '{"id":5,"pipeline_id":[1]}',
        "pipeline_id: expected a whole number or null, found [1]",
        5,
      ],
      [
        "whose deletion is a number, which v2 has none for",
        "persons",
        '{"id":5,"is_deleted":1}',
        "is_deleted: expected true or false or null, found 1",
        5,
      ],
      ["without an id", "deals", '{"title":"x"}', "id: expected a value, found none", null],
      ["with an id of 0", "deals", '{"id":0}', "id: expected a number of at least 1, found 0", null],
      ["with an id that is no number", "deals", '{"id":"a2"}', 'id: expected a whole number, found "a2"', null],
      [
        "with a reference beyond what is exact",
        "deals",
        '{"id":5,"org_id":9007199254740993}',
        "org_id: expected a number of at most 9007199254740991, found 9007199254740992",
        5,
      ],
      ["that is none", "deals", "null", "the record: expected an object, found null", null],
      [
        "with an impossible update_time",
        "deals",
        '{"id":5,"update_time":"0000-00-00 00:00:00"}',
        'update_time: expected a time such as 2026-01-31T10:00:00Z, found "0000-00-00 00:00:00"',
        5,
      ],
      [
        "with a number beyond double precision",
        "deals",
        '{"id":5,"value":12345678901234567890}',
        "value: the number 12345678901234567890 has more digits than can be kept",
        5,
      ],
      [
        "with a number beyond all bounds",
        "deals",
        '{"id":5,"custom_fields":{"k":{"value":1e999}}}',
        "custom_fields.k.value: the number 1e999 has more digits than can be kept",
        5,
      ],
      [
        "with a NUL character",
        "notes",
        '{"id":5,"content":"a\\u0000b"}',
        "content: holds a NUL character, which Postgres cannot store",
        5,
      ],
      [
        "with a NUL character in a key",
        "deals",
        '{"id":5,"custom_fields":{"a\\u0000":1}}',
        "custom_fields: has a key that holds a NUL character, which Postgres cannot store",
        5,
      ],
      [
        "with half a character",
        "organizations",
        '{"id":5,"name":"x\\ud83d"}',
        "name: holds half of a surrogate pair, which UTF-8 cannot hold",
        5,
      ],
    ];
    for (const [what, stream, text, reason, id] of cases) {
      it(what, () => {
        const { records, rejected } = decodeText(stream, page('{"id":1}', text, '{"id":2}'));
        expect(records.map((record) => record.id)).to.deep.equal([1, 2]);
        expect(rejected).to.deep.equal([{ id, text, reason }]);
      });
    }
  });

  it("rejects a record that is nested 200,000 levels deep, wherever that is, and takes the others", () => {
    const [open, close] = ["[".repeat(200_000), "]".repeat(200_000)];
    for (const deep of [
      `{"id":5,"custom_fields":{"a":${open}${close}}}`,
      `{"id":5,"x":${'{"a":'.repeat(200_000)}1${"}".repeat(200_000)}}`,
      `{"title":"a","id":${open}${close}}`,
      `{"id":${open}7${close}}`,
    ]) {
      for (const text of [page('{"id":1}', deep, '{"id":2}'), `{"data":${deep}}`]) {
        const { records, rejected } = decodeText("deals", text);
        expect(records.map(({ id }) => id)).to.deep.equal(text.includes('"id":2') ? [1, 2] : []);
        expect(rejected.map(({ reason }) => reason)).to.deep.equal([
          "it is nested more than 100 levels deep, and no record of Pipedrive's is",
        ]);
        expect(rejected[0]!.text).to.equal(deep);
      }
    }
  });

  it("does not take text that only looks like trouble for trouble", () => {
    const record = { id: 1, content: "C:\\u0000 is a path, [12345678901234567890] a number, 😀 a face: \\ud83d" };
    expect(decodeText("notes", page(JSON.stringify(record))).records[0]!.record).to.deep.equal(record);
    expect(decodeText("notes", page('{"id":1,"content":"\\ud83d\\ude00"}')).records[0]!.record["content"]).to.equal(
      "😀",
    );
  });

  it("has every record in exactly one of the two, whatever it holds", () => {
    const anything = fc.oneof(
      fc.jsonValue(),
      fc.record(
        { id: fc.oneof(fc.integer(), fc.jsonValue()), update_time: fc.string(), title: fc.jsonValue() },
        { requiredKeys: [] },
      ),
    );
    fc.assert(
      fc.property(fc.array(anything), (elements) => {
        const texts = elements.map((element) => JSON.stringify(element));
        const { records, rejected } = decodeText("deals", page(...texts));
        expect(records.length + rejected.length).to.equal(elements.length);
        for (const { text, reason } of rejected) {
          expect(texts).to.include(text);
          expect(reason).to.match(/: (expected|holds|has|the number)/);
        }
      }),
    );
  });
});
