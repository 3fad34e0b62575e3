import { expect } from "chai";
import fc from "fast-check";
import { csvLine } from "../../../connector/commands/look/csv.ts";
import { jsonObjects, uniqueNames } from "../../../connector/commands/look/json-object.ts";
import { type RowFormat, rowWriter } from "../../../connector/commands/look/row-writer.ts";
import { tableLines } from "../../../connector/commands/look/table-lines.ts";
import type { Database } from "../../../connector/database/database.ts";
import { eachDatabase } from "../../databases.ts";

/** Parses a text by RFC 4180 alone; an empty field without quotes is NULL. */
function parsed(text: string): (string | null)[][] {
  const rows: (string | null)[][] = [];
  let row: (string | null)[] = [];
  for (let at = 0; at < text.length; ) {
    let cell = "";
    const isQuoted = text[at] === '"';
    if (isQuoted) {
      at++;
      while (text[at] !== '"' || text[at + 1] === '"') {
        if (text[at] === '"') at++;
        cell += text[at++];
      }
      at++;
    } else while (text[at] !== "," && text[at] !== "\r") cell += text[at++];
    row.push(isQuoted || cell !== "" ? cell : null);
    if (text[at] === ",") {
      at++;
      continue;
    }
    expect(text.slice(at, at + 2)).to.equal("\r\n");
    at += 2;
    rows.push(row);
    row = [];
  }
  return rows;
}

/** Texts as awkward as in records; Postgres accepts neither NUL nor half a surrogate pair. */
const awkward = fc
  .oneof(
    fc.string({ unit: "grapheme" }),
    fc.constantFrom(
      "",
      " ",
      "NULL",
      "\\.",
      "\\N",
      "a,b",
      '"',
      '""',
      "x\r\ny",
      "x\ny",
      "\r",
      "ends ",
      "'=1",
      "é\u0301",
      "𝕏",
    ),
    fc.constantFrom(
      "=1+1",
      "+1",
      "-5",
      "-5.25e3",
      "-1+1",
      "@SUM(A1)",
      "\t=1",
      "\r=1",
      "＝1",
      "+372 555",
      "=cmd|' /C calc'!A0",
    ),
  )
  .map((text) => text.replaceAll("\0", ""));
const cell = fc.option(awkward, { nil: null });
const rowsOf = fc.array(fc.array(cell, { minLength: 3, maxLength: 3 }), { minLength: 1, maxLength: 8 });

describe("CSV", function () {
  this.timeout(120_000);

  it("means what was written, and no cell of it is a formula", () => {
    const computed = /^[=+\-@\t\r\n＝＋－＠]/;
    fc.assert(
      fc.property(rowsOf, (rows) => {
        const back = parsed(rows.map((row) => csvLine(row, { raw: false })).join(""));
        expect(back.map((row) => row.length)).to.deep.equal(rows.map((row) => row.length));
        back.flat().forEach((text, index) => {
          const written = rows.flat()[index]!;
          if (text !== written) expect([written?.match(computed) !== null, text]).to.deep.equal([true, `'${written}`]);
          if (text !== null && computed.test(text)) expect(Number(text)).to.not.be.NaN;
        });
      }),
    );
    expect(csvLine(["-5", "+1.5", "-1e3", "=1", "-", null, ""], { raw: false })).to.equal(
      `-5,+1.5,-1e3,'=1,'-,,""\r\n`,
    );
    expect(csvLine(["-5", "=1", "@x", null, ""], { raw: true })).to.equal(`-5,=1,@x,,""\n`);
  });

  eachDatabase((open) => {
    let database: Database;
    before(async () => {
      database = await open();
      await database.query(
        "create table planhat.copied (id bigint generated always as identity, a text, b text, c text)",
      );
    });

    it("is read back by COPY as it was, with NULL and empty texts", async () => {
      await fc.assert(
        fc.asyncProperty(rowsOf, fc.boolean(), async (rows, raw) => {
          const safe = (text: string | null) => (raw ? text : parsed(csvLine([text], { raw }))[0]![0]!);
          const lines = [["a", "b", "c"], ...rows].map((row) => csvLine(row, { raw }));
          await database.query("truncate planhat.copied");
          await database.transaction((transaction) =>
            transaction.copyIn("copy planhat.copied (a, b, c) from stdin (format csv, header)", lines),
          );
          const back = await database.query<Record<"a" | "b" | "c", string | null>>(
            "select a, b, c from planhat.copied order by id",
          );
          expect(back.map(({ a, b, c }) => [a, b, c])).to.deep.equal(rows.map((row) => row.map(safe)));
        }),
        { numRuns: 40 },
      );
    });
  });
});

const parseArray = (text: string) => text.slice(1, -1).split(",");
const types = {
  bool: 16,
  int8: 20,
  int4: 23,
  text: 25,
  json: 114,
  float8: 701,
  date: 1082,
  numeric: 1700,
  jsonb: 3802,
};
const columnsOf = (...names: (keyof typeof types)[]) => names.map((name) => ({ name, type: types[name] }));
const unsafeText = `a${String.fromCharCode(27)}[2J${String.fromCharCode(0x9b)}b\u202e`;

describe("a row as JSON", () => {
  it("keeps every digit: a number where programs hold it exactly, else a text", () => {
    const line = (type: keyof typeof types, text: string | null) => jsonObjects(columnsOf(type), parseArray)([text]);
    const of = (type: keyof typeof types, text: string) => line(type, text).replace(/^\{"\w+":(.*)\}$/, "$1");
    expect(of("int8", "9007199254740991")).to.equal("9007199254740991");
    expect(of("int8", "9007199254740993")).to.equal('"9007199254740993"');
    expect(of("numeric", "100.00")).to.equal("100.00");
    expect(of("numeric", "-0.1234567890123456")).to.equal('"-0.1234567890123456"');
    expect(of("numeric", "NaN")).to.equal('"NaN"');
    expect(of("float8", "-Infinity")).to.equal('"-Infinity"');
    expect(of("float8", "1e+20")).to.equal("1e+20");
    expect(of("bool", "t")).to.equal("true");
    expect(of("date", "2026-11-30")).to.equal('"2026-11-30"');
    expect(of("json", '{"a":\n\t"\\u0000",\r\n"b":1e400}')).to.equal('{"a":  "\\u0000",  "b":1e400}');
    expect(of("text", "")).to.equal('""');
    expect(line("text", null)).to.equal('{"text":null}');
  });

  it("is one line that commands no terminal, and the same text when it is parsed", () => {
    const line = jsonObjects(columnsOf("text", "jsonb"), parseArray)([unsafeText, JSON.stringify([unsafeText])]);
    expect(line).to.match(/^[\x20-\x7e]*$/);
    expect(JSON.parse(line)).to.deep.equal({ text: unsafeText, jsonb: [unsafeText] });
  });

  it("gives a column whose name is there twice another one", () => {
    expect(uniqueNames(["id", "id", "id_2", "id"])).to.deep.equal(["id", "id_3", "id_2", "id_4"]);
  });
});

describe("rows", () => {
  const written = (
    format: RowFormat,
    columns: ReturnType<typeof columnsOf>,
    rows: (string | null)[][],
    terminal = false,
  ) => {
    const writer = rowWriter(format, { columns, raw: false, parseArray, terminal });
    return writer.begin() + (rows.length === 0 ? "" : writer.rows(rows)) + writer.end(rows.length);
  };

  it("that are none, or have no columns, are said so in every format", () => {
    expect(written("csv", columnsOf("text", "int4"), [])).to.equal("text,int4\r\n");
    expect(written("json", columnsOf("text"), [])).to.equal("[]\n");
    expect(written("jsonl", columnsOf("text"), [])).to.equal("");
    expect(written("table", columnsOf("text", "int4"), [])).to.equal("text  int4\n(0 rows)\n");
    expect(["csv", "json", "jsonl", "table"].map((format) => written(format as RowFormat, [], [[], []]))).to.deep.equal(
      ["", "[\n{},\n{}\n]\n", "{}\n{}\n", "(2 rows)\n"],
    );
  });

  it("tell NULL from an empty text and from the word in a table, numbers to the right with every digit", () => {
    const rows = [
      [null, "12345678901234567890.10", "t"],
      ["NULL", "1", "f"],
      ["", null, null],
    ];
    expect(tableLines(columnsOf("text", "numeric", "bool"), rows, 0, undefined)).to.deep.equal([
      "text                    numeric  bool",
      "NULL    12345678901234567890.10  true",
      '"NULL"                        1  false',
      "                           NULL  NULL",
    ]);
  });

  it("wider than the terminal are lists of their values", () => {
    expect(
      tableLines(
        columnsOf("text", "int4"),
        [
          ["a long value", "1"],
          ["b", null],
        ],
        7,
        15,
      ),
    ).to.deep.equal(["row 8", " text  a long value", " int4  1", "", "row 9", " text  b", " int4  NULL", ""]);
  });

  it("as CSV command no terminal either", () => {
    expect(written("csv", columnsOf("text"), [[unsafeText]], true)).to.equal("text\r\na [2J b \r\n");
    expect(written("csv", columnsOf("text"), [[unsafeText]])).to.equal(`text\r\n${unsafeText}\r\n`);
  });
});
