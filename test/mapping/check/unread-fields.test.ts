import { expect } from "chai";
import { compiled } from "../checked.ts";

describe("what of its records a mapping does not read", () => {
  const unread = (more: string) => compiled({ deals: `stream: deals\ndirection: receive\n${more}` }).unread;
  const deals = (more: string) =>
    Object.fromEntries(Object.entries(unread(more)).map(([stream, keys]) => [stream, !keys.includes("custom_fields")]));
  const fields =
    "fields:\n  - {planhat: _currency, pipedrive: currency}\n  - {planhat: fromDate, pipedrive: $start_date}\n";
  const none = { organizations: false, persons: false, notes: false, deals: false, deal_products: false };
  for (const [title, text, expected] of [
    ["no", `start_date: [won_time]\nmodel: license\n${fields}`, none],
    [
      "in a field",
      `start_date: [won_time]\nmodel: license\n${fields}  - {planhat: custom.T, pipedrive: Deal type}\n`,
      { ...none, deals: true },
    ],
    [
      "in a condition at a field",
      `start_date: [won_time]\nmodel: license\n${fields}  - {planhat: custom.T, pipedrive: title, when: {field: Deal type, present: true}}\n`,
      { ...none, deals: true },
    ],
    [
      "in the choice of the model",
      `start_date: [won_time]\nmodels:\n  - model: sale\n    when: {field: Deal type, present: true}\n    fields:\n      - {planhat: _currency, pipedrive: currency}\n      - {planhat: salesDate, pipedrive: $start_date}\n      - {planhat: value, pipedrive: value}\n  - model: license\n    ${fields.replaceAll("\n", "\n    ")}\n`,
      { ...none, deals: true },
    ],
    [
      "in the start date",
      `start_date: [Contract start, won_time]\nmodel: license\n${fields}`,
      { ...none, deals: true },
    ],
    [
      "of the organization, for a deal",
      `start_date: [won_time]\nmodel: license\n${fields}  - {planhat: custom.T, pipedrive: $organization.Tier}\n`,
      { ...none, organizations: true },
    ],
  ] as const) {
    it(`custom fields are read: ${title}`, () => {
      expect(deals(text)).to.deep.equal(expected);
    });
  }

  it("every documented key but those of fields, conditions and the start date, and what belongs to them", () => {
    const keys = unread(
      `start_date: [won_time]\nmodel: license\n${fields}  - {planhat: custom.T, pipedrive: $labels, when: {field: title, present: true}}\n`,
    );
    for (const read of ["won_time", "currency", "label_ids", "labels", "title"])
      expect(keys.deals).not.to.include(read);
    expect(keys.deals).to.include.members(["value", "status", "org_id", "is_archived", "custom_fields"]);
    expect(keys.persons).to.include.members(["name", "emails", "custom_fields"]);
  });
});
