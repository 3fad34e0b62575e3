import { expect } from "chai";
import { askedFields, askedOf, optionalFields } from "../../../connector/mapping/check/asked-fields.ts";
import { recordFields } from "../../../connector/mapping/evaluate/record-fields.ts";
import { readSchemas } from "../../../connector/pipedrive/records/streams.ts";
import { streamNames } from "../../../connector/stream-name.ts";
import { account } from "../account.ts";

describe("fields that Pipedrive sends only where they are asked for", () => {
  /** A field whose name Pipedrive documents but not its type, so that no catalog offers it. */
  const withoutType = "doi_status";

  it("are as many as the API has, and known to mappings and catalogs", () => {
    const counts = streamNames.map((stream) => [stream, optionalFields[stream].length]);
    expect(Object.fromEntries(counts)).to.deep.equal({
      organizations: 19,
      persons: 24,
      deals: 16,
      notes: 0,
      deal_products: 0,
    });
    for (const stream of streamNames) {
      const known = Object.keys(readSchemas()[stream]["properties"] as object);
      expect(
        optionalFields[stream].filter(
          (field) => !(field in recordFields[stream]) || known.includes(field) === (field === withoutType),
        ),
        stream,
      ).to.deep.equal([]);
    }
  });

  const read = (key: string, custom = false) => ({ stream: "organizations" as const, key, custom });

  it("are asked for once each, in order, and never a custom field", () => {
    const reads = [read("people_count"), read("name"), read("notes_count"), read("people_count")];
    expect(askedFields([...reads, read("open_deals_count", true)], account)).to.deep.equal({
      organizations: ["notes_count", "people_count"],
      persons: [],
      deal_products: [],
      notes: [],
      deals: [],
    });
  });

  it("are also those that the account itself says are optional", () => {
    const listed = { label: "New", key: "new_count", type: "int", custom: false, optional: true as const };
    const fields = { ...account.fields, organizations: [...account.fields.organizations, listed] };
    expect(askedFields([read("new_count"), read("name")], { ...account, fields }).organizations).to.deep.equal([
      "new_count",
    ]);
  });

  it("are all asked for where no columns are chosen", () => {
    expect(askedOf("deals", undefined)).to.deep.equal(optionalFields.deals);
    expect(askedOf("deals", new Set(["id", "notes_count"]))).to.deep.equal(["notes_count"]);
    expect(askedOf("notes", undefined)).to.deep.equal([]);
  });
});
