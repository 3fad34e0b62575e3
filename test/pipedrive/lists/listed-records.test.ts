import { expect } from "chai";
import fc from "fast-check";
import type { JsonObject } from "../../../connector/mapping/value.ts";
import { timeOf } from "../../../connector/pipedrive/lists/list-page.ts";
import { readListed } from "../../../connector/pipedrive/lists/listed-records.ts";
import { decode, elementsOf } from "../../../connector/pipedrive/records/decode.ts";
import { glanceKeys, readSchemas } from "../../../connector/pipedrive/records/streams.ts";
import { inventAccount } from "../../../connector/sandbox/account/account.ts";
import type { StreamName } from "../../../connector/stream-name.ts";

const page = (records: readonly string[], rest = '"additional_data":{"next_cursor":"abc"}') =>
  `{"success":true,"data":[${records.join(",")}],${rest}}`;

/** Returns the result of parsing the whole page, which the scan must equal. */
function parsed(stream: StreamName, text: string) {
  const body = JSON.parse(text) as JsonObject;
  const times = elementsOf(stream, body).map(timeOf);
  const { records, rejected } = decode(stream, { body, text, bytes: Buffer.from(text) });
  return {
    records: records.map(({ id, record, updateTime, deleted }) => ({ id, record, updateTime, deleted })),
    rejected,
    times,
  };
}

function scanned(stream: StreamName, text: string) {
  const listed = readListed(stream, Buffer.from(text));
  if (listed === undefined) return undefined;
  const { records, rejected } = listed.decoded;
  const named = readSchemas()[stream]["properties"] as JsonObject;
  for (const { bytes, record, glance } of records) {
    if (bytes !== undefined) expect(JSON.parse(bytes.toString())).to.deep.equal(record);
    if (glance === undefined) continue;
    const seen = Object.entries(record).filter(([key]) => glanceKeys.includes(key) && key in named);
    expect(glance, "what is known of it without parsing it").to.deep.equal(Object.fromEntries(seen));
  }
  return {
    records: records.map(({ id, record, updateTime, deleted }) => ({ id, record, updateTime, deleted })),
    rejected,
    times: listed.times,
  };
}

/** Returns the number of a page's records that were passed on without being parsed. */
const plain = (stream: StreamName, ...records: string[]) =>
  readListed(stream, Buffer.from(page(records)))!.decoded.records.filter(({ isKnown }) => isKnown !== undefined).length;

/** Texts of JSON values that a scan of bytes may mistake for something else. */
const literal = fc.oneof(
  fc.constantFrom(
    ...["null", "true", "false", "0", "-0", "7", "-7", "7.0", "7.50", "0.1", "1e3", "1E-2", "1e400", "[]", "{}", '""'],
    ...["9007199254740991", "9007199254740993", "123456789012345", "1234567890123456", "0.1234567890123456789"],
    ...['"2026-01-31T10:00:00Z"', '"2026-02-30T10:00:00Z"', '"2024-02-29T00:00:00Z"', '"2026-01-31 10:00:00"'],
    ...['"2026-01-31T10:00:00.250Z"', '"2026-01-31T10:00:00+02:00"', '"0000-00-00"', '"2026-13-01T00:00:00Z"'],
    ...['"\\u0000"', '"\\ud83d"', '"\\ud83d\\ude00"', '"\\u00e4"', '"\\/"', '"\\""', '"},{\\"id\\":5"', '"ä😀"', '" "'],
    ...[
      '{"id":9}',
      '[{"value":"a@b","primary":true}]',
      '[{"value":1}]',
      "[1,null]",
      '{"value":3,"name":"x"}',
      '"5,6"',
      '"3"',
      '["x"]',
      '{"value":null}',
      "[[[]]]",
    ],
  ),
  fc.json({ maxDepth: 2 }),
);
const key = fc.constantFrom(
  ...["id", "update_time", "title", "value", "org_id", "label_ids", "is_deleted", "status", "add_time", "emails"],
  ...["pipeline_id", "person_id", "active_flag", "content", "user"],
  ...["label", "email", "cc_email", "user_id", "owner_id", "deleted", "address_locality", "visible_to"],
  ...["0123456789abcdef0123456789abcdef01234567", "0123456789abcdef0123456789abcdef01234567_currency"],
  ...["custom_fields", "address", "invented_later", "__proto__", "\\u0069d", "t\\/x", "ä", ""],
);
const space = fc.constantFrom("", "", "", "", "", " ", "\n", "\t ");
const element = fc.oneof(
  { weight: 1, arbitrary: literal },
  {
    weight: 6,
    arbitrary: fc
      .tuple(
        fc.constantFrom('"id":1,', '"id":12345,', '"id":0,', '"id":"1",', ""),
        fc.array(fc.tuple(key, space, literal, space), { maxLength: 6 }),
      )
      .map(([id, members]) => {
        const rest = members.map(([name, before, value, after]) => `"${name}":${before}${value}${after}`).join(",");
        return `{${rest === "" ? id.slice(0, -1) : id}${rest}}`;
      }),
  },
);
const streams = fc.constantFrom<StreamName>("deals", "persons", "organizations", "notes");

describe("a page whose records are looked at as bytes", () => {
  it("gives what the parsed page gives, whatever it holds", () => {
    fc.assert(
      fc.property(streams, fc.array(element, { maxLength: 5 }), space, (stream, elements, gap) => {
        const text = page(elements.map((one) => `${gap}${one}${gap}`));
        expect(scanned(stream, text)).to.deep.equal(parsed(stream, text));
      }),
      { numRuns: 4000 },
    );
  });

  it("is left to the parser where it is cut or broken anywhere, unless it is whole JSON all the same", () => {
    const text = page([
      '{"id":1,"title":"ä \\" \\u00e4 \\/","value":-1.5e3,"label_ids":[1,2],"custom_fields":{"a":[true,false,null]}}',
      '{"id":2,"update_time":"2026-01-31T10:00:00Z"}',
    ]);
    const change = fc.tuple(
      fc.nat(text.length),
      fc.nat(3),
      fc.constantFrom(
        "",
        "",
        '"',
        "\\",
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        "0",
        "-",
        ".",
        "e",
        "u",
        "t",
        "\n",
        "\u0001",
        " ",
      ),
    );
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 3 }), (changes) => {
        let broken = text;
        for (const [at, gone, put] of changes) broken = broken.slice(0, at) + put + broken.slice(at + gone);
        let whole: ReturnType<typeof parsed> | undefined;
        try {
          whole = parsed("deals", broken);
        } catch {
          expect(scanned("deals", broken)).to.equal(undefined);
          return;
        }
        expect(scanned("deals", broken) ?? whole).to.deep.equal(whole);
      }),
      { numRuns: 5000 },
    );
  });

  it("keeps its envelope: cursor, success, and nothing of the records", () => {
    const read = (text: string) => readListed("deals", Buffer.from(text))?.envelope;
    expect(read(page(['{"id":1}']))).to.deep.equal({
      success: true,
      data: [],
      additional_data: { next_cursor: "abc" },
    });
    expect(read(' { "success" : false , "data" : [ ] } ')).to.deep.equal({ success: false, data: [] });
    for (const other of [
      '{"data":null}',
      '{"data":{"id":1}}',
      "[]",
      "",
      '{"data":[],"data":[]}',
      '{"d\\u0061ta":[]}',
    ]) {
      expect(read(other), other).to.equal(undefined);
    }
  });

  it("parses no record of an ordinary account, in any stream", () => {
    const account = inventAccount({ deals: 300, organizations: 100, persons: 200, notes: 100 });
    for (const stream of ["deals", "persons", "organizations", "notes"] as const) {
      const texts = [...account.records[stream]].map((record) => JSON.stringify(record));
      expect(plain(stream, ...texts), stream).to.equal(texts.length);
    }
  });

  it("hands a record of v1 on as it came, but for its own times", () => {
    const record = (before: string, after: string) =>
      `{"id":7, "add_time":"2026-01-31${before}23:59:59${after}","content":"<p>2026-01-31 10:00:00 \\"ä\\"</p>","update_time":"2026-02-28${before}00:00:00${after}","user":{"add_time":"2026-01-31 10:00:00"}}`;
    const listed = readListed("notes", Buffer.from(page([record(" ", ""), record("T", "Z")], '"more":1')))!;
    expect(listed.decoded.records.map(({ bytes }) => bytes?.toString())).to.deep.equal([
      record("T", "Z"),
      record("T", "Z"),
    ]);
    expect(listed.times).to.deep.equal(["2026-02-28T00:00:00Z", "2026-02-28T00:00:00Z"]);
    expect(listed.ids).to.deep.equal([7, 7]);
  });

  it("parses the one record that is odd, and no other of its page", () => {
    const usual = '{"id":1,"update_time":"2026-01-31T10:00:00Z"}';
    for (const odd of [
      '{"id":2,"title":"\\u00e4"}',
      '{"id":2,"value":7.0}',
      '{"id":2,"add_time":"2026-02-31 10:00:00"}',
      '{"id":2,"value":"7"}',
    ]) {
      expect(plain("deals", usual, odd, usual), odd).to.equal(2);
    }
  });
});
