import { expect } from "chai";
import { compiled } from "./checked.ts";

describe("whether a mapping reads custom fields of a stream", () => {
  const deals = (more: string) => compiled({ deals: `stream: deals\ndirection: receive\n${more}` }).readsCustomFields;
  const fields =
    "fields:\n  - {planhat: _currency, pipedrive: currency}\n  - {planhat: fromDate, pipedrive: $start_date}\n";
  const none = { organizations: false, persons: false, notes: false, deals: false };
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
    it(`is known: ${title}`, () => {
      expect(deals(text)).to.deep.equal(expected);
    });
  }
});
