import { expect } from "chai";
import type { RecordContext } from "../../connector/mapping/compiled-mapping.ts";
import type { Json, JsonObject } from "../../connector/mapping/value.ts";
import type { StreamName } from "../../connector/stream-name.ts";
import { key } from "./account.ts";
import { mapOne } from "./checked.ts";

type Case = [
  title: string,
  stream: StreamName,
  entry: string,
  record: JsonObject,
  expected: unknown,
  context?: RecordContext,
];

const custom = (letter: string, value: Json): JsonObject => ({ custom_fields: { [key(letter)]: value } });

const cases: Case[] = [
  ["a built-in field by its key", "organizations", "pipedrive: name", { name: "Acme" }, "Acme"],
  ["a built-in field by its label", "organizations", "pipedrive: Number of employees", { employee_count: 5 }, 5],
  ["a field that the record lacks is empty", "organizations", "pipedrive: name", {}, undefined],
  ["a text without characters is empty", "organizations", "pipedrive: website", { website: "" }, undefined],
  ["null is null", "organizations", "pipedrive: website", { website: null }, null],
  ["zero and false are values", "organizations", "pipedrive: [is_deleted, name]", { is_deleted: false }, false],
  [
    "an object where a text stood is refused alone",
    "organizations",
    "pipedrive: name",
    { name: { a: 1 } },
    { rejected: '{"a":1} is a shape that this field never had' },
  ],
  ["a custom field by its label", "organizations", "pipedrive: Seats", custom("2", 12.5), 12.5],
  ["a custom field by its key", "organizations", `pipedrive: ${key("c")}`, custom("c", "North"), "North"],
  [
    "a custom field that the block lacks is empty",
    "organizations",
    "pipedrive: Seats",
    { custom_fields: {} },
    undefined,
  ],
  ["a custom field that is null is null", "organizations", "pipedrive: Seats", custom("2", null), null],
  [
    "a null block makes every custom field empty",
    "organizations",
    "pipedrive: Seats",
    { custom_fields: null },
    undefined,
  ],
  ["a record without the block has empty custom fields", "organizations", "pipedrive: Seats", {}, undefined],
  ["API v1 puts custom fields beside the others", "organizations", "pipedrive: Seats", { [key("2")]: 3 }, 3],
  [
    "a block that is a text is refused",
    "organizations",
    "pipedrive: Seats",
    { custom_fields: "x" },
    { rejected: "custom_fields is no object" },
  ],
  [
    "the custom field wins where a built-in one has its label",
    "organizations",
    "pipedrive: Industry",
    { industry: 1, ...custom("a", 17) },
    "Software",
  ],
  [
    "the key still names the built-in one",
    "organizations",
    "pipedrive: industry",
    { industry: 2, ...custom("a", 17) },
    "Retail",
  ],
  // Options
  ["an enum reads as its label", "organizations", "pipedrive: Tier", custom("b", 21), "Gold"],
  ["an enum as API v1 writes it", "organizations", "pipedrive: Tier", custom("b", "22"), "Silver"],
  ["an enum that brings its label", "organizations", "pipedrive: Tier", custom("b", { id: 21, label: "Gold" }), "Gold"],
  [
    "an enum with an id newer than the catalog, but with its label",
    "organizations",
    "pipedrive: Tier",
    custom("b", { id: 99, label: "Platinum" }),
    "Platinum",
  ],
  ["an option that is gone keeps its last label", "organizations", "pipedrive: Industry", custom("a", 19), "Coal"],
  [
    "an unknown option is refused",
    "organizations",
    "pipedrive: Tier",
    custom("b", 99),
    { rejected: "99 is no option of the field" },
  ],
  [
    "an enum with a list in it is refused",
    "organizations",
    "pipedrive: Tier",
    custom("b", [21]),
    { rejected: "[21] is no option's id" },
  ],
  [
    "a set reads as its labels in the record's order",
    "organizations",
    "pipedrive: Products",
    custom("1", [32, 31]),
    ["Support, premium", "Core"],
  ],
  [
    "a set that brings its labels",
    "organizations",
    "pipedrive: Products",
    custom("1", [{ id: 32, label: "Support, premium" }]),
    ["Support, premium"],
  ],
  [
    "a set as API v1 writes it",
    "organizations",
    "pipedrive: Products",
    custom("1", "31,32"),
    ["Core", "Support, premium"],
  ],
  ["a set without elements is empty", "organizations", "pipedrive: Products", custom("1", []), undefined],
  ["a set that is null is null", "organizations", "pipedrive: Products", custom("1", null), null],
  [
    "a set with one unknown option is refused whole",
    "organizations",
    "pipedrive: Products",
    custom("1", [31, 99]),
    { rejected: "99 is no option of the field" },
  ],
  ["status stays the word that conditions use", "deals", "pipedrive: status", { status: "won" }, "won"],
  ["label_ids read as labels", "persons", "pipedrive: label_ids", { label_ids: [6, 5] }, ["Hot, very", "Customer"]],
  // Parts
  [
    "a part of the address",
    "organizations",
    "pipedrive: address.locality",
    { address: { locality: "Berlin" } },
    "Berlin",
  ],
  [
    "a part without characters is empty",
    "organizations",
    "pipedrive: address.locality",
    { address: { locality: "" } },
    undefined,
  ],
  [
    "a part that is null is null",
    "organizations",
    "pipedrive: address.locality",
    { address: { locality: null } },
    null,
  ],
  [
    "an address that is null makes its parts null",
    "organizations",
    "pipedrive: address.locality",
    { address: null },
    null,
  ],
  ["a record without address has empty parts", "organizations", "pipedrive: address.locality", {}, undefined],
  [
    "street and number together",
    "organizations",
    "pipedrive: address.street",
    { address: { route: "Main St", street_number: "5" } },
    "Main St 5",
  ],
  [
    "a street without number",
    "organizations",
    "pipedrive: address.street",
    { address: { route: "Main St", street_number: "" } },
    "Main St",
  ],
  [
    "an address in API v1 is a text with its parts beside it",
    "organizations",
    "pipedrive: address.locality",
    { address: "Main St 5, Berlin", address_locality: "Berlin" },
    "Berlin",
  ],
  [
    "the text of an address in API v1",
    "organizations",
    "pipedrive: address.value",
    { address: "Main St 5" },
    "Main St 5",
  ],
  [
    "money: the amount",
    "organizations",
    `pipedrive: '["Rev. 2026"].value'`,
    custom("e", { value: 200, currency: "EUR" }),
    200,
  ],
  [
    "money: the currency",
    "organizations",
    `pipedrive: '["Rev. 2026"].currency'`,
    custom("e", { value: 200, currency: "EUR" }),
    "EUR",
  ],
  [
    "money that is null makes its parts null",
    "organizations",
    `pipedrive: '["Rev. 2026"].currency'`,
    custom("e", null),
    null,
  ],
  [
    "money in API v1 is a number with its currency beside it",
    "organizations",
    `pipedrive: '["Rev. 2026"].currency'`,
    { custom_fields: { [key("e")]: 200, [`${key("e")}_currency`]: "EUR" } },
    "EUR",
  ],
  [
    "a label with a dot in YAML's own brackets",
    "organizations",
    'pipedrive: ["Rev. 2026"]',
    custom("e", { value: 1, currency: "EUR" }),
    { value: 1, currency: "EUR" },
  ],
  ["a label that starts with a dollar sign", "organizations", 'pipedrive: ["$pecial"]', custom("f", 4), 4],
  [
    "the end of a range",
    "deals",
    "pipedrive: Contract period.until",
    custom("6", { value: "2026-01-01", until: "2026-12-31" }),
    "2026-12-31",
  ],
  [
    "the end of a range in API v1",
    "deals",
    "pipedrive: Contract period.until",
    { custom_fields: { [key("6")]: "2026-01-01", [`${key("6")}_until`]: "2026-12-31" } },
    "2026-12-31",
  ],
  [
    "a list where a range stood is refused",
    "deals",
    "pipedrive: Contract period.until",
    custom("6", ["x"]),
    { rejected: '["x"] is a shape that this field never had' },
  ],
  [
    "the time of a time",
    "deals",
    "pipedrive: Call slot.value",
    custom("8", { value: "10:00:00", timezone_id: 310 }),
    "10:00:00",
  ],
  ["a reference stays an id", "deals", "pipedrive: Partner", custom("9", 12), 12],
  ["a reference in API v1 is an object", "deals", "pipedrive: owner_id", { owner_id: { id: 7, name: "Ivo" } }, 7],
  // Contacts
  [
    "the primary e-mail address",
    "persons",
    "pipedrive: emails.primary",
    {
      emails: [
        { value: "a@x", primary: false },
        { value: "b@x", primary: true },
      ],
    },
    "b@x",
  ],
  [
    "without a primary one, the first",
    "persons",
    "pipedrive: emails.primary",
    { emails: [{ value: "a@x" }, { value: "b@x" }] },
    "a@x",
  ],
  [
    "an entry without a value is passed over",
    "persons",
    "pipedrive: emails.primary",
    {
      emails: [
        { value: "", primary: true },
        { value: "b@x", primary: false },
      ],
    },
    "b@x",
  ],
  [
    "only entries without a value are empty",
    "persons",
    "pipedrive: emails.primary",
    { emails: [{ value: "", primary: true }] },
    undefined,
  ],
  ["no addresses are empty", "persons", "pipedrive: emails.primary", { emails: [] }, undefined],
  ["addresses that are null are null", "persons", "pipedrive: emails.primary", { emails: null }, null],
  [
    "emails that are a number are refused",
    "persons",
    "pipedrive: emails.primary",
    { emails: 5 },
    { rejected: "5 is no list of addresses or numbers" },
  ],
  [
    "all telephone numbers",
    "persons",
    "pipedrive: phones",
    { phones: [{ value: "1" }, { value: "" }, { value: "2" }] },
    ["1", "2"],
  ],
  ["the account calls them Email and Phone", "persons", "pipedrive: Phone.primary", { phones: [{ value: "1" }] }, "1"],
  // Several sources
  [
    "the first present source wins",
    "organizations",
    "pipedrive: [website, linkedin, name]",
    { website: null, linkedin: "in/acme", name: "Acme" },
    "in/acme",
  ],
  [
    "without a present one, null if any was null",
    "organizations",
    "pipedrive: [website, linkedin]",
    { website: null },
    null,
  ],
  [
    "without a present and a null one, empty",
    "organizations",
    "pipedrive: [website, linkedin]",
    { website: "" },
    undefined,
  ],
  [
    "a source that is refused is not passed over",
    "organizations",
    "pipedrive: [Tier, name]",
    { name: "Acme", ...custom("b", 99) },
    { rejected: "99 is no option of the field" },
  ],
  ["an object in a note", "notes", "pipedrive: deal.title", { deal: { title: "Big" } }, "Big"],
  ["an object in a note that is null", "notes", "pipedrive: deal.title", { deal: null }, null],
];

describe("what a source reads", () => {
  for (const [title, stream, entry, record, expected, context] of cases) {
    it(title, () => {
      expect(mapOne(stream, entry, record, context)).to.deep.equal(expected);
    });
  }

  it("a key named like something that every object has is not read from nowhere", () => {
    expect(mapOne("notes", "pipedrive: deal.constructor", { deal: { title: "x" } })).to.equal(undefined);
    expect(mapOne("notes", "pipedrive: deal.__proto__.x", { deal: { title: "x" } })).to.equal(undefined);
  });
});
