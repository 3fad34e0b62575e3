import { expect } from "chai";
import fc from "fast-check";
import type { MappedRecord } from "../../../connector/mapping/compiled-mapping.ts";
import { type Json, type JsonObject, toValue } from "../../../connector/mapping/value.ts";
import { key } from "../account.ts";
import { compiled, jsonOf, mapOne, mapping, outcome } from "../checked.ts";

const names = (mapped: MappedRecord) => mapped.fields.map(({ field }) => field);

describe("a record on its way to a row", () => {
  it("keeps the three states of every value, whatever it is", () => {
    const stream = compiled({ notes: "stream: notes\nfields:\n  - {planhat: custom.X, pipedrive: lead}\n" }).notes;
    fc.assert(
      fc.property(fc.option(fc.jsonValue(), { nil: undefined }), (json) => {
        const record = (json === undefined ? {} : { lead: json }) as JsonObject;
        expect(stream.map(record, {}).fields).to.deep.equal([{ field: "custom.X", value: toValue(record["lead"]) }]);
      }),
    );
  });

  it("is never refused by an exception, whatever stands in the record", () => {
    const texts = {
      deals: `stream: deals
start_date: [Contract start, won_time]
models:
  - model: sale
    when: {field: Deal type, in: [One-off, Services]}
    fields:
      - {planhat: _currency, pipedrive: currency, transform: [trim, uppercase]}
      - {planhat: salesDate, pipedrive: $start_date}
      - {planhat: value, pipedrive: value, transform: [number, {round: 2}]}
  - model: license
    fields:
      - {planhat: _currency, pipedrive: currency}
      - {planhat: fromDate, pipedrive: [Contract period.value, $start_date]}
      - {planhat: custom.Owner, pipedrive: $owner.email}
      - {planhat: custom.Partner, pipedrive: Partner}
      - {planhat: custom.Labels, pipedrive: $labels, transform: [{join: ", "}]}
      - {planhat: custom.Org, pipedrive: $organization.Products}
`,
    };
    const { deals } = compiled(texts);
    const odd = fc.jsonValue({ maxDepth: 3 });
    const fields = ["5", "6", "7", "9"].map(key);
    const block = fc.oneof(
      odd,
      fc.record(Object.fromEntries(fields.map((field) => [field, odd])), { requiredKeys: [] }),
    );
    const keys = ["currency", "value", "won_time", "owner_id", "label_ids", "org_id", "pipeline_id"];
    const record = fc.record(
      { ...Object.fromEntries(keys.map((word) => [word, odd])), custom_fields: block },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(record, record, (deal, organization) => {
        const mapped = deals.map(deal as JsonObject, { organization: organization as JsonObject });
        expect(new Set(names(mapped)).size).to.equal(mapped.fields.length);
        expect(deals.startDate(deal as JsonObject, {}).state).to.be.oneOf(["present", "null", "empty"]);
        for (const field of deals.models.flatMap((model) => model.fields)) field.trace(deal as JsonObject, {});
      }),
    );
  });

  it("loses one field to an unknown option, and no other", () => {
    const { organizations } = compiled({
      organizations:
        "stream: organizations\nfields:\n  - {planhat: name, pipedrive: name}\n  - {planhat: phase, pipedrive: Tier}\n",
    });
    const mapped = organizations.map({ name: "Acme", custom_fields: { [key("b")]: 99 } }, {});
    expect(mapped.fields).to.deep.equal([{ field: "name", value: { state: "present", value: "Acme" } }]);
    expect(mapped.rejections).to.deep.equal([
      { field: "phase", reason: "99 is not an option of the field", value: { state: "present", value: 99 } },
    ]);
    expect(mapped.refused).to.equal(undefined);
  });

  it("on_null: ignore turns null into empty, on_empty: clear turns empty into null", () => {
    expect(mapOne("deals", "pipedrive: title", { title: null })).to.equal(null);
    expect(mapOne("deals", "pipedrive: title, on_null: ignore", { title: null })).to.equal(undefined);
    expect(mapOne("deals", "pipedrive: title, on_empty: clear", {})).to.equal(null);
    expect(mapOne("deals", "pipedrive: title, on_empty: ignore", {})).to.equal(undefined);
  });

  it("null and empty pass the transforms, and default fills both", () => {
    expect(mapOne("deals", "pipedrive: title, transform: [trim, uppercase, {prefix: x}]", { title: null })).to.equal(
      null,
    );
    expect(mapOne("deals", "pipedrive: title, transform: [trim, {default: y}]", { title: null })).to.equal("y");
    expect(mapOne("deals", "pipedrive: title, transform: [trim, {default: y}, {prefix: x}]", { title: "  " })).to.equal(
      "xy",
    );
  });

  for (const [state, record] of [
    ["null", { title: null }],
    ["empty", {}],
  ] as [string, JsonObject][]) {
    it(`is refused when a required field is ${state}, whatever on_null and on_empty say`, () => {
      const stream = mapping("deals", "pipedrive: title, required: true, on_null: ignore, on_empty: clear");
      expect(stream.map(record, {}).refused).to.deep.include({
        field: "custom.X",
        reason: `it is ${state} in Pipedrive and the mapping requires it`,
      });
    });
  }

  it("is refused when a required field is refused", () => {
    const mapped = mapping("deals", "pipedrive: title, required: true, transform: [number]").map({ title: "x" }, {});
    expect(mapped.refused).to.deep.equal({
      field: "custom.X",
      reason: '"x" is not a number',
      value: { state: "present", value: "x" },
    });
  });

  it("takes the first of two entries whose condition holds", () => {
    const text = `stream: notes
fields:
  - {planhat: subject, value: First, when: {field: content, present: true}}
  - {planhat: subject, value: Second, when: {field: add_time, present: true}}
`;
    const { notes } = compiled({ notes: text });
    expect(outcome(notes.map({ content: "x", add_time: "y" }, {}), "subject")).to.equal("First");
    expect(outcome(notes.map({ add_time: "y" }, {}), "subject")).to.equal("Second");
    expect(notes.map({}, {}).fields).to.deep.equal([]);
  });
});

describe("license or sale", () => {
  const text = `stream: deals
start_date: [won_time]
models:
  - model: sale
    when: {field: Deal type, in: [One-off]}
    fields:
      - {planhat: _currency, pipedrive: currency}
      - {planhat: salesDate, pipedrive: $start_date}
      - {planhat: value, pipedrive: value}
  - model: license
    fields:
      - {planhat: _currency, pipedrive: currency}
      - {planhat: fromDate, pipedrive: $start_date}
`;
  const { deals } = compiled({ deals: text });
  const map = (type: Json) => deals.map({ currency: "EUR", custom_fields: { [key("7")]: type } }, {});

  it("the first entry whose condition holds, else the last", () => {
    expect(map(42).model).to.equal("sale");
    expect(map(41).model).to.equal("license");
    expect(map(null).model).to.equal("license");
  });

  it("is not guessed where the option is unknown: the row is refused", () => {
    expect(map(99).refused).to.deep.include({
      field: "Deal type",
      reason: "the model cannot be chosen: 99 is not an option of the field",
    });
  });
});

describe("the start date", () => {
  const { deals } = compiled({
    deals:
      "stream: deals\nstart_date: [Contract start, won_time]\nmodel: license\nfields:\n  - {planhat: _currency, pipedrive: currency}\n  - {planhat: fromDate, pipedrive: $start_date}\n",
  });
  const start = (day: Json, won: Json = null) =>
    jsonOf(deals.startDate({ won_time: won, custom_fields: { [key("5")]: day } }, {}));
  const cases: [string, Json | undefined, Json | undefined][] = [
    ["the first source that holds a date", start("2026-03-01", "2026-01-01T00:00:00Z"), "2026-03-01"],
    ["the next where the first is null", start(null, "2026-01-31T23:30:00Z"), "2026-01-31"],
    ["the next where the first is no date", start("0000-00-00", "2026-01-31T23:30:00Z"), "2026-01-31"],
    ["the 30th of February is none", start("2026-02-30"), null],
    ["none at all is null if one was null", start(null), null],
    ["none at all", start("soon", "later"), undefined],
    ["an instant counts by its UTC day", start("2026-01-31T23:30:00-02:00"), "2026-02-01"],
  ];
  for (const [title, actual, expected] of cases) {
    it(title, () => {
      expect(actual).to.equal(expected);
    });
  }
});

describe("directions", () => {
  const text = (direction: string) => `stream: organizations
direction: ${direction}
fields:
  - {planhat: name, pipedrive: name}
  - {planhat: web, pipedrive: website, direction: none}
  - {planhat: country, pipedrive: address.country, direction: ${direction === "send" ? "send" : "receive"}}
  - {planhat: custom.Source, value: Pipedrive}
  - {planhat: custom.Url, pipedrive: $url}
  - {planhat: custom.Added, pipedrive: add_time}
`;
  const record = { id: 1, name: "Acme", website: "w", address: { country: "DE" }, add_time: "t" };
  const of = (direction: string) => compiled({ organizations: text(direction) }).organizations;

  it("receive: every field that receives is in the row", () => {
    expect(names(of("receive").map(record, {}))).to.deep.equal([
      "name",
      "country",
      "custom.Source",
      "custom.Url",
      "custom.Added",
    ]);
  });

  it("none: no field is", () => {
    expect(names(of("none").map(record, {}))).to.deep.equal([]);
  });

  it("send: no field is, and what Pipedrive keeps for itself goes nowhere", () => {
    const stream = of("send");
    expect(names(stream.map(record, {}))).to.deep.equal([]);
    expect(stream.models[0]!.fields.map(({ direction }) => direction)).to.deep.equal([
      "send",
      "none",
      "send",
      "none",
      "none",
      "none",
    ]);
  });

  it("both: constants and what Pipedrive computes are received only", () => {
    const fields = of("both").models[0]!.fields;
    expect(fields.map(({ direction }) => direction)).to.deep.equal([
      "both",
      "none",
      "receive",
      "receive",
      "receive",
      "receive",
    ]);
    expect(fields.map(({ inverse }) => inverse?.key)).to.deep.equal([
      "name",
      undefined,
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
  });

  it("a stream without a file has direction none and maps nothing", () => {
    const mapping = compiled({});
    expect(mapping.persons.direction).to.equal("none");
    expect(mapping.persons.map({ id: 1 }, {}).fields).to.deep.equal([]);
    expect(mapping.deals.startDate({ won_time: "2026-01-01" }, {}).state).to.equal("empty");
  });
});

describe("a trace", () => {
  it("shows the source, each transform as it stands in the file, and what on_null makes of it", () => {
    const fields = mapping("deals", "pipedrive: title, transform: [trim, {slice: [0, 2]}], on_null: ignore").models[0]!
      .fields;
    const field = fields.at(-1)!;
    expect(field.sources).to.deep.equal(["title"]);
    expect(
      field.trace({ title: " abc " }, {}).map(({ step, result }) => [step, "value" in result && result.value]),
    ).to.deep.equal([
      ["source", " abc "],
      ["trim", "abc"],
      ["{slice: [0, 2]}", "ab"],
    ]);
    expect(field.trace({ title: null }, {}).map(({ step, result }) => [step, result.state])).to.deep.equal([
      ["source", "null"],
      ["trim", "null"],
      ["{slice: [0, 2]}", "null"],
      ["on_null: ignore", "empty"],
    ]);
  });

  it("ends where a value is refused", () => {
    const field = mapping("deals", "pipedrive: title, transform: [number, {round: 2}]").models[0]!.fields.at(-1)!;
    expect(field.trace({ title: "x" }, {}).map(({ result }) => result.state)).to.deep.equal(["present", "rejected"]);
  });
});
