import { expect } from "chai";
import type { JsonObject } from "../../../connector/mapping/value.ts";
import { inventAccount } from "../../../connector/sandbox/account/account.ts";
import { describeAccount } from "../../../connector/sandbox/account/describe-account.ts";
import { customFieldCode } from "../../../connector/sandbox/account/field-definition.ts";

describe("the invented account", () => {
  const account = inventAccount();
  const organizations = [...account.records.organizations];
  const persons = [...account.records.persons];
  const deals = [...account.records.deals];
  const notes = [...account.records.notes];
  const organizationOf = (deal: JsonObject) => organizations.find(({ id }) => id === deal["org_id"]);
  const personOf = (deal: JsonObject) => persons.find(({ id }) => id === deal["person_id"]);
  const won = deals.filter((deal) => deal["status"] === "won" && !deal["is_deleted"]);

  it("has the promised size, in numbers that a person can believe", () => {
    expect([organizations, persons, deals, notes].map(({ length }) => length)).to.deep.equal([400, 1000, 900, 1500]);
    expect(account.pipelines.map(({ name }) => name)).to.deep.equal(["Sales", "Renewals", "Partners"]);
    expect(account.users).to.have.length(6);
  });

  it("is the same for the same seed, and another for another", () => {
    expect([...inventAccount().records.deals]).to.deep.equal(deals);
    expect([...inventAccount({ seed: "other" }).records.deals]).not.to.deep.equal(deals);
  });

  it("invents a record alone as it does among others", () => {
    expect([...inventAccount({ deals: 900 }).records.deals][899]).to.deep.equal(deals[899]);
  });

  it("has no record from the future, and many that share an update_time", () => {
    const newest = account.now.toISOString();
    const times = deals.map((deal) => deal["update_time"] as string | null);
    expect(times.filter((time) => time !== null && time > newest)).to.deep.equal([]);
    const imported = times.filter((time) => time === "2024-03-01T06:00:00Z");
    expect(imported.length).to.be.greaterThan(10);
  });

  for (const [title, count, atLeast] of [
    ["open deals", deals.filter((deal) => deal["status"] === "open" && !deal["is_deleted"]).length, 150],
    ["lost deals", deals.filter((deal) => deal["status"] === "lost").length, 150],
    ["won deals in Sales", won.filter((deal) => deal["pipeline_id"] === 1).length, 100],
    ["won deals in Renewals", won.filter((deal) => deal["pipeline_id"] === 2).length, 50],
    ["won deals in Partners", won.filter((deal) => deal["pipeline_id"] === 3).length, 30],
    ["deleted deals", deals.filter((deal) => deal["is_deleted"]).length, 40],
    ["archived won deals", won.filter((deal) => deal["is_archived"]).length, 25],
    ["won deals without organization", won.filter((deal) => deal["org_id"] === null).length, 25],
    ["won deals without won_time", won.filter((deal) => deal["won_time"] === null).length, 14],
    ["won deals of a deleted organization", won.filter((deal) => organizationOf(deal)?.["is_deleted"]).length, 14],
    [
      "won deals whose person is in another organization",
      won.filter((deal) => {
        const elsewhere = personOf(deal)?.["org_id"] ?? null;
        return deal["org_id"] !== null && elsewhere !== null && elsewhere !== deal["org_id"];
      }).length,
      10,
    ],
    [
      "won deals whose person has no organization",
      won.filter((deal) => deal["org_id"] !== null && personOf(deal)?.["org_id"] === null).length,
      14,
    ],
    ["won deals of negative value", won.filter((deal) => (deal["value"] as number) < 0).length, 14],
    ["won deals of no value", won.filter((deal) => deal["value"] === 0).length, 14],
    ["deals without update_time", deals.filter((deal) => deal["update_time"] === null).length, 14],
    ["deals without any custom field", deals.filter((deal) => deal["custom_fields"] === null).length, 14],
    ["persons without e-mail", persons.filter((person) => (person["emails"] as []).length === 0).length, 90],
    ["persons without organization", persons.filter((person) => person["org_id"] === null).length, 50],
    [
      "organizations without deals",
      organizations.filter(({ id }) => !deals.some((deal) => deal["org_id"] === id)).length,
      70,
    ],
    [
      "notes on an organization alone",
      notes.filter((note) => note["org_id"] && !note["deal_id"] && !note["person_id"]).length,
      100,
    ],
    ["notes on a person", notes.filter((note) => note["person_id"] && !note["deal_id"]).length, 100],
    [
      "notes on a deal alone",
      notes.filter((note) => note["deal_id"] && !note["org_id"] && !note["person_id"]).length,
      100,
    ],
    ["deleted notes", notes.filter((note) => note["active_flag"] === false).length, 25],
  ] as const) {
    it(`has ${title}`, () => {
      expect(count).to.be.at.least(atLeast);
    });
  }

  it("tells a custom field that is null from one that is missing", () => {
    const start = customFieldCode("deals", "Contract start");
    const blocks = won.flatMap((deal) => (deal["custom_fields"] === null ? [] : [deal["custom_fields"] as JsonObject]));
    expect(blocks.filter((block) => block[start] === null).length).to.be.greaterThan(50);
    expect(blocks.filter((block) => !(start in block)).length).to.be.greaterThan(20);
    expect(blocks.filter((block) => typeof block[start] === "string").length).to.be.greaterThan(200);
  });

  it("has several deals of one organization", () => {
    const dealsOf = organizations.map(({ id }) => won.filter((deal) => deal["org_id"] === id).length);
    expect(dealsOf.filter((count) => count >= 3).length).to.be.greaterThan(10);
  });

  it("has custom fields of every type on organizations, persons and deals", () => {
    const types =
      "address date daterange double enum monetary org people phone set text time timerange user varchar varchar_auto";
    for (const fields of Object.values(account.fields)) {
      const custom = fields.filter((field) => field.is_custom_field);
      expect([...new Set(custom.map((field) => field.field_type))].sort().join(" ")).to.equal(types);
      expect(custom.length).to.be.within(12, 20);
      expect(custom.every((field) => /^[0-9a-f]{40}$/.test(field.field_code))).to.equal(true);
    }
  });

  it("has two person fields with one label, and options whose labels hold a comma", () => {
    const profiles = account.fields.persons.filter((field) => field.field_name === "Profile");
    expect(new Set(profiles.map((field) => field.field_code))).to.have.property("size", 2);
    const products = account.fields.deals.find((field) => field.field_name === "Products");
    expect(products?.options?.map((option) => option.label)).to.include("Support, premium");
  });

  it("can have more fields than fit on a page", () => {
    const { fields } = inventAccount({ extraFields: 150 });
    expect(fields.deals.length).to.be.greaterThan(150);
    expect(fields.deals.at(-1)?.field_name).to.equal("Extra 150");
  });

  it("works for an account of any size", () => {
    for (const sizes of [
      { organizations: 0, persons: 0, deals: 0, notes: 0 },
      { organizations: 1, persons: 0, deals: 70, notes: 30 },
      { organizations: 0, persons: 70, deals: 70, notes: 100 },
    ]) {
      const small = inventAccount(sizes);
      const ids = [...small.records.deals].map((deal) => deal["org_id"]);
      expect(ids.every((id) => id === null || (id as number) <= sizes.organizations)).to.equal(true);
      const people = [...small.records.deals].map((deal) => deal["person_id"]);
      expect(people.every((id) => id === null || (id as number) <= sizes.persons)).to.equal(true);
      expect([...small.records.notes]).to.have.length(sizes.notes);
    }
  });

  it("is described in a few lines", () => {
    expect(describeAccount(account, { url: "http://127.0.0.1:8000", token: "t" })).to.deep.equal([
      "company_url  http://127.0.0.1:8000",
      "api_token    t",
      "account      Fjord & Field, invented (seed fjord)",
      "records      400 organizations, 1,000 persons, 900 deals, 1,500 notes",
      "pipelines    Sales, Renewals, Partners",
      "time zone    Europe/Tallinn",
    ]);
  });
});
