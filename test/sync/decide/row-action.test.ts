import { expect } from "chai";
import type { StoredRow } from "../../../connector/database/row.ts";
import type { MappedRecord } from "../../../connector/mapping/compiled-mapping.ts";
import { EMPTY, type Json, type JsonObject, NULL, toValue } from "../../../connector/mapping/value.ts";
import { decideRow } from "../../../connector/sync/decide/row-action.ts";

const row = (columns: Record<string, string | null>, custom: JsonObject = {}): StoredRow => ({
  id: "1",
  sourceId: "7",
  companyId: "3",
  externalId: null,
  columns,
  custom,
  updatedAt: "2026-01-01T00:00:00Z",
});
const mapped = (model: MappedRecord["model"], fields: Record<string, Json | undefined>): MappedRecord => ({
  model,
  fields: Object.entries(fields).map(([field, json]) => ({ field, value: toValue(json) })),
  rejections: [],
});
const license = { _currency: "EUR", fromDate: "2026-01-31" };

describe("what becomes of a row", () => {
  it("a new row gets the fields that hold something or null, and no others", () => {
    const action = decideRow({
      sourceId: "7",
      companyId: "3",
      existing: undefined,
      mapped: mapped("license", { ...license, value: 12.5, product: null, mrr: undefined, "custom.Tier": null }),
    });
    expect(action.action).to.equal("create");
    expect(action.write).to.deep.equal({
      sourceId: "7",
      companyId: "3",
      columns: { currency: "EUR", from_date: "2026-01-31", value: "12.5", product: null },
      custom: { Tier: null },
    });
    expect(action.fields).to.deep.equal({
      _currency: { from: null, to: "EUR" },
      fromDate: { from: null, to: "2026-01-31" },
      value: { from: null, to: 12.5 },
      "custom.Tier": { from: null, to: null },
    });
  });

  it("an empty field leaves the row's field as it is, and null makes it NULL", () => {
    const action = decideRow({
      sourceId: "7",
      companyId: "3",
      existing: row({ name: "Acme", city: "Tallinn", zip: "10115" }, { Tier: "A", Source: "x" }),
      mapped: mapped("company", { name: "Acme", city: "", zip: null, "custom.Tier": null, "custom.Source": undefined }),
    });
    expect(action.action).to.equal("update");
    expect(action.write).to.deep.equal({ sourceId: "7", columns: { zip: null }, custom: { Tier: null } });
    expect(action.fields).to.deep.equal({ zip: { from: "10115", to: null }, "custom.Tier": { from: "A", to: null } });
  });

  it("nothing is written when nothing differs, also when a value only looks different", () => {
    const action = decideRow({
      sourceId: "7",
      companyId: "3",
      existing: row({ currency: "EUR", from_date: "2026-01-31", value: "12.5" }, { Seats: { b: 1, a: [2] } }),
      mapped: mapped("license", {
        _currency: "EUR",
        fromDate: "2026-01-31T22:00:00Z",
        value: "12.50",
        "custom.Seats": { a: [2], b: 1 },
      }),
    });
    expect(action.action).to.equal("unchanged");
    expect(action.write).to.deep.equal({ sourceId: "7", columns: {} });
  });

  it("a row that moves to another company is updated", () => {
    const action = decideRow({
      sourceId: "7",
      companyId: "4",
      existing: row({ email: "a@b.c" }),
      mapped: mapped("enduser", {}),
    });
    expect(action.fields).to.deep.equal({ companyId: { from: "3", to: "4" } });
    expect(action.write.companyId).to.equal("4");
  });

  it("a value that its column cannot take is refused alone; the other fields go in", () => {
    const action = decideRow({
      sourceId: "7",
      companyId: "3",
      existing: undefined,
      mapped: mapped("license", { ...license, value: "a lot", product: "Support" }),
    });
    expect(action.action).to.equal("create");
    expect(action.write.columns).not.to.have.property("value");
    expect(action.write.columns["product"]).to.equal("Support");
    expect(action.rejections.map(({ field, reason }) => `${field}: ${reason}`)).to.deep.equal([
      'value: "a lot" is not a number; see the transform number',
    ]);
  });

  for (const [title, fields, reason] of [
    ["empty", { value: 5, salesDate: "2026-01-31" }, "it is empty in Pipedrive and Planhat requires _currency"],
    [
      "null",
      { value: 5, salesDate: "2026-01-31", _currency: null },
      "it is null in Pipedrive and Planhat requires _currency",
    ],
    [
      "not fitting",
      { value: 0, salesDate: "2026-01-31", _currency: "EUR" },
      "0 is not greater than 0, which Planhat demands",
    ],
  ] as const) {
    it(`a new row is refused as a whole when a field that Planhat requires is ${title}`, () => {
      const action = decideRow({ sourceId: "7", companyId: "3", existing: undefined, mapped: mapped("sale", fields) });
      expect(action.action).to.equal("refuse");
      expect(action.refused?.reason).to.equal(reason);
      expect(action.write.columns).to.deep.equal({});
    });
  }

  it("a required field that is empty leaves a row that has it alone", () => {
    const existing = row({ currency: "EUR", from_date: "2026-01-31", value: "5" });
    const action = decideRow({
      sourceId: "7",
      companyId: "3",
      existing,
      mapped: {
        model: "license",
        fields: [
          { field: "_currency", value: EMPTY },
          { field: "value", value: NULL },
        ],
        rejections: [],
      },
    });
    expect(action.write.columns).to.deep.equal({ value: null });
  });

  it("a text cut in the middle of an emoji is refused alone, in a column and in a custom field", () => {
    const action = decideRow({
      sourceId: "7",
      existing: row({ name: "Acme" }),
      mapped: mapped("company", { city: "Tallinn", web: "\ud83d", "custom.Mood": "\ud83d", "custom.Tier": "A" }),
    });
    expect(action.write).to.deep.equal({ sourceId: "7", columns: { city: "Tallinn" }, custom: { Tier: "A" } });
    expect(action.rejections.map(({ field }) => field)).to.deep.equal(["web", "custom.Mood"]);
  });

  it("a custom field may be called like a property of every object", () => {
    const action = decideRow({
      sourceId: "7",
      existing: row({ name: "Acme" }),
      mapped: { model: "company", fields: [{ field: "custom.__proto__", value: toValue("x") }], rejections: [] },
    });
    expect(JSON.stringify(action.write.custom)).to.equal('{"__proto__":"x"}');
  });
});
