import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { emptyAccount, type SandboxSync, sandboxSync } from "../../sandbox-sync.ts";

const organizations = `stream: organizations
fields:
  - {planhat: name, pipedrive: name, transform: [uppercase]}
  - {planhat: city, pipedrive: address.locality}
  - {planhat: custom.Tier, pipedrive: Tier, transform: [{lookup: {Gold: A, Silver: B}}]}
  - {planhat: custom.Regions, pipedrive: Regions}
`;
const deals = `stream: deals
start_date: [Contract start, won_time]
models:
  - model: sale
    when: {field: Deal type, is: One-off}
    fields:
      - {planhat: _currency, pipedrive: currency}
      - {planhat: salesDate, pipedrive: $start_date}
      - {planhat: value, pipedrive: value}
  - model: license
    fields:
      - {planhat: _currency, pipedrive: currency}
      - {planhat: fromDate, pipedrive: $start_date}
      - {planhat: product, pipedrive: $organization.Tier}
`;

describe("mapping test", () => {
  let setting: SandboxSync;
  before(async () => {
    setting = await sandboxSync("server", emptyAccount);
    setting.map({ "organizations.yaml": organizations, "deals.yaml": deals });
  });
  after(() => setting.close());
  const test = async (files: Record<string, string>, ...options: string[]) => {
    mkdirSync(join(setting.place.folder, "mappings/tests"), { recursive: true });
    for (const [name, text] of Object.entries(files)) setting.place.write(`mappings/tests/${name}`, text);
    return setting.run(["mapping", "test", ...options]);
  };

  it("without any case says so", async () => {
    const { status, stdout, stderr } = await setting.run(["mapping", "test"]);
    expect(status).to.equal(2);
    expect(stdout).to.equal("");
    expect(stderr.replaceAll(setting.place.folder, "")).to.equal(
      "Error: There are no tests: /mappings/tests does not exist.\ndocs/mapping.md shows how to write one, in section Tests.\n",
    );
  });

  it("passes cases whose rows are as expected: custom fields and options by label, money and dates, sales and licenses", async () => {
    const { status, stdout, stderr } = await test({
      "organizations.yaml": `stream: organizations
cases:
  - name: labels stand for keys and ids
    record: {name: Acme, custom_fields: {Tier: Gold, Regions: [EMEA, "Americas, north"]}}
    row: {name: ACME, custom.Tier: A, custom.Regions: [EMEA, "Americas, north"]}
  - name: null clears and empty says nothing
    record: {name: Acme, address: null, custom_fields: {Tier: null, Regions: []}}
    row: {name: ACME, city: null, custom.Tier: null}
  - name: a field that is refused leaves the others
    record: {name: Acme, custom_fields: {Tier: Bronze}}
    row: {name: ACME}
    rejected: {custom.Tier: '"Bronze" is not in the lookup (it has: Gold, Silver)'}
`,
      "deals.yaml": `stream: deals
cases:
  - name: a one-off deal is a sale
    record:
      {status: won, org_id: 7, currency: EUR, value: 12.5, won_time: 2026-01-31T10:00:00Z,
       custom_fields: {Deal type: One-off}}
    model: sale
    row: {_currency: EUR, salesDate: 2026-01-31, value: 12.5}
  - name: any other is a license, from the day that the contract says, with its organization's tier
    record: {status: won, org_id: 7, currency: EUR, custom_fields: {Contract start: 2026-03-01}}
    organization: {name: Acme, custom_fields: {Tier: Silver}}
    row: {_currency: EUR, fromDate: 2026-03-01, product: Silver}
  - name: a deal without any start date is left out
    record: {status: won, org_id: 7, currency: EUR}
    skipped: no_start_date
  - name: a sale needs a value
    record:
      {status: won, org_id: 7, currency: EUR, value: 0, won_time: 2026-01-31T10:00:00Z, custom_fields: {Deal type: One-off}}
    refused: "value: 0 is not greater than 0, which Planhat demands"
`,
    });
    expect(stderr).to.equal("");
    expect(stdout.trimEnd().split("\n").at(-1), stdout).to.equal("7 passed, 0 failed");
    expect(status).to.equal(0);
  });

  it("shows of each case that fails where its row differs, and exits 1", async () => {
    const cases = `stream: organizations
cases:
  - name: it differs
    record: {name: Acme, custom_fields: {Tier: Bronze}}
    model: company
    row: {name: Acme, city: Bergen}
  - name: it is no row
    record: {name: null}
    row: {name: Acme}
  - name: it is not refused
    record: {name: Acme}
    refused: no
  - name: it passes
    record: {name: Acme}
    row: {name: ACME}
`;
    const { status, stdout } = await test({ "organizations.yaml": cases, "deals.yaml": minimal() });
    expect(status).to.equal(1);
    expect(stdout).to.equal(`passed  a lost deal is left out
FAILED  it differs (mappings/tests/organizations.yaml:3)
          name: expected "Acme", got "ACME"
          city: expected "Bergen", got nothing
          rejected custom.Tier: expected nothing, got "\\"Bronze\\" is not in the lookup (it has: Gold, Silver)"
FAILED  it is no row (mappings/tests/organizations.yaml:7)
          expected a row, got refused (name: it is null in Pipedrive and Planhat requires name)
FAILED  it is not refused (mappings/tests/organizations.yaml:10)
          expected refused (no), got a row
passed  it passes

2 passed, 3 failed
`);
    const { stdout: json, stderr: logged } = await test({}, "--json", "--log-format", "json");
    const error = { kind: "run", message: "2 passed, 3 failed" };
    expect(JSON.parse(json)).to.deep.include({ status: "failed", exit: 1, error, passed: 2, failed: 3 });
    expect(JSON.parse(logged)).to.deep.include({ level: "error", exit: 1, ...error });
    expect(JSON.parse(json).cases[2]).to.deep.equal({
      file: "mappings/tests/organizations.yaml",
      line: 7,
      name: "it is no row",
      passed: false,
      differences: ["expected a row, got refused (name: it is null in Pipedrive and Planhat requires name)"],
    });
  });

  it("tells every mistake in the test files at once, and runs none of them", async () => {
    const { status, stdout, stderr } = await test({
      "deals.yaml": minimal(),
      "organizations.yaml": `stream: organizations
cases:
  - name: a label that does not exist
    record: {name: Acme, custom_fields: {Teir: Gold}}
    row: {}
  - name: a record that the API never gives
    record: {name: [Acme]}
    row: {}
  - name: nothing expected
    record: {name: Acme}
  - name: too much expected
    record: {name: Acme}
    row: {name: ACME}
    skipped: not_won
  - name: a model without a row
    record: {name: Acme}
    model: company
    refused: no
`,
      "persons.yaml": "stream: persons\ncase: []\n",
      "notes.yaml": "stream: notes\ncases:\n  - name: x\n   record: {}\n",
    });
    expect(status).to.equal(2);
    expect(stdout).to.equal("");
    expect(stderr).to.match(/^Error: The tests have \d+ problems\.\n\n/);
    for (const part of [
      "mappings/tests/organizations.yaml:9:5: error: This case expects nothing: it needs `row`, `refused` or `skipped`.\n  9 |   - name: nothing expected\n          ^\n",
      "mappings/tests/organizations.yaml:11:5: error: A case expects either `row` or `skipped`.",
      "mappings/tests/organizations.yaml:17:5: error: `model` goes with `row`, and this case expects none.",
      "mappings/tests/persons.yaml:2:1: error: Unknown key `case`.\n  2 | case: []\n      ^\n  Did you mean `cases`?",
      "mappings/tests/notes.yaml:4:",
    ])
      expect(stderr).to.contain(part);
    const again = await test({
      "organizations.yaml": `stream: organizations
cases:
  - name: a label that does not exist
    record: {name: Acme, custom_fields: {Teir: Gold}}
    row: {}
  - name: a record that the API never gives
    record: {name: [Acme]}
    row: {}
`,
      "persons.yaml": "stream: persons\ncases:\n  - {name: none, record: {}, skipped: direction_none}\n",
      "notes.yaml": "stream: notes\ncases:\n  - {name: none, record: {}, skipped: direction_none}\n",
    });
    expect(again.stderr).to.contain(
      "mappings/tests/organizations.yaml:4:5: error: organizations have no custom field `Teir`.\n  4 |     record: {name: Acme, custom_fields: {Teir: Gold}}\n          ^\n  Did you mean `Tier`?\n",
    );
    expect(again.stderr).to.contain(
      'mappings/tests/organizations.yaml:7:5: error: Pipedrive has no such record: name: expected a text or null, found ["Acme"].',
    );
  });
});

describe("the cases that ship with the default mapping", () => {
  it("pass, also where no account answers", async () => {
    const setting = await sandboxSync("embedded", emptyAccount);
    try {
      setting.place.write(
        "config.yaml",
        "company_url: http://127.0.0.1:9\napi_token: no-token-at-all\ndatabase: ./none\n",
      );
      const { status, stdout, stderr } = await setting.run(["mapping", "test"]);
      expect(stdout.trimEnd().split("\n").at(-1), stdout + stderr).to.match(/^\d\d passed, 0 failed$/);
      expect(status).to.equal(0);
    } finally {
      await setting.close();
    }
  });
});

function minimal(): string {
  return "stream: deals\ncases:\n  - {name: a lost deal is left out, record: {status: lost}, skipped: not_won}\n";
}
