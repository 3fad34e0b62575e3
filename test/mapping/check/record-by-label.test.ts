import { expect } from "chai";
import { recordByLabel } from "../../../connector/mapping/check/record-by-label.ts";
import type { JsonObject } from "../../../connector/mapping/value.ts";
import { account, key } from "../account.ts";

const fieldsOf = (written: JsonObject, catalog: typeof account | undefined = account) => {
  const labelled = recordByLabel("organizations", { id: 1, custom_fields: written }, catalog);
  return "record" in labelled ? labelled.record["custom_fields"] : labelled;
};

describe("a record written by hand", () => {
  it("has keys for labels and ids for options, in lists too", () => {
    expect(fieldsOf({ Tier: "Gold", Products: ["Support, premium", "Core"], Seats: 5, $pecial: null })).to.deep.equal({
      [key("b")]: 21,
      [key("1")]: [32, 31],
      [key("2")]: 5,
      [key("f")]: null,
    });
  });

  it("keeps keys, ids, null, empty values and options that nobody knows as they are", () => {
    const written = { [key("b")]: 22, [key("1")]: [], [key("9")]: "kept", [key("a")]: "Unknown" };
    expect(fieldsOf(written)).to.deep.equal(written);
    expect(fieldsOf({ Tier: null, Products: "" })).to.deep.equal({ [key("b")]: null, [key("1")]: "" });
    for (const block of [null, [], "x"]) {
      const record = { id: 1, custom_fields: block };
      expect(recordByLabel("organizations", record, account)).to.deep.equal({ record });
    }
  });

  it("is refused for a label that does not exist or that two fields share", () => {
    expect(fieldsOf({ Teir: "Gold" })).to.deep.equal({
      fault: "organizations have no custom field `Teir`.",
      hint: "Did you mean `Tier`?",
    });
    expect(fieldsOf({ Region: "North" })).to.deep.equal({
      fault: "The label `Region` belongs to several custom fields of organizations.",
      hint: "Write the key.",
    });
  });

  it("without an account may name keys only", () => {
    expect(recordByLabel("organizations", { custom_fields: { [key("b")]: 1 } }, undefined)).to.have.property("record");
    expect(recordByLabel("organizations", { custom_fields: { Tier: "Gold" } }, undefined)).to.deep.equal({
      fault: "The custom field `Tier` cannot be found, because the account's fields are not known.",
      hint: "Sync once to save them, or fix company_url and api_token.",
    });
  });
});
