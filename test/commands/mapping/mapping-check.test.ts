import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { openDatabase } from "../../../connector/database/open/open-database.ts";
import { emptyAccount, type SandboxSync, sandboxSync, wonDeal } from "../../sandbox-sync.ts";

const organizations = (fields: string) =>
  `stream: organizations\nmodel: company\nfields:\n  - {planhat: name, pipedrive: name}\n${fields}`;

describe("mapping check", () => {
  let setting: SandboxSync;
  before(async () => {
    setting = await sandboxSync("server", emptyAccount);
  });
  after(() => setting.close());

  const check = async (files: Record<string, string>, ...options: string[]) => {
    setting.map(files);
    const { status, stdout, stderr } = await setting.run(["mapping", "check", ...options]);
    if (!options.includes("--json")) expect(stderr).to.equal("");
    return { status, stdout, stderr };
  };

  it("says what a sound mapping does: direction, model and number of fields of each stream", async () => {
    const { status, stdout } = await check({
      "organizations.yaml": organizations("  - {planhat: custom.Tier, pipedrive: Tier}\n"),
      "persons.yaml": "stream: persons\nfields: []\n",
      "deals.yaml": "stream: deals\ndirection: none\n",
    });
    expect(status).to.equal(0);
    expect(stdout).to.equal(
      `stream         direction  model    fields
deals          none
organizations  receive    company       2
persons        receive    enduser       0
notes          none

Checked against the account Fjord & Field.
The mapping has no errors and no warnings.
`,
    );
  });

  it("shows every problem of every file at once, each with its place, the line and the way out", async () => {
    const { status, stdout } = await check({
      "organizations.yaml": organizations(
        "  - {planhat: custom.Tier, pipedrive: Teir}\n  - {planhat: zipp, pipedrive: address.postal_code}\n",
      ),
      "persons.yaml": "stream: persons\nfields:\n\t- planhat: email\n",
      "deals.yaml": "stream: deals\ndirection: both\n",
    });
    expect(status).to.equal(2);
    expect(stdout.trimEnd().split("\n")).to.deep.equal(
      `mappings/deals.yaml:2:12: error: \`direction\` must be one of: receive, none, not \`both\`.
  2 | direction: both
                 ^
  receive (Pipedrive → Planhat) or none; only organizations may send.

mappings/organizations.yaml:5:39: error: organizations have no field \`Teir\`.
  5 |   - {planhat: custom.Tier, pipedrive: Teir}
                                            ^
  Did you mean \`Tier\`?

mappings/organizations.yaml:6:15: error: Planhat's company has no field \`zipp\`.
  6 |   - {planhat: zipp, pipedrive: address.postal_code}
                    ^
  Did you mean \`zip\`? Or for a custom field write \`custom.zipp\`.

mappings/persons.yaml:3:1: error: YAML does not allow tabs as indentation.
  3 | \t- planhat: email
      ^
  Use spaces.

Checked against the account Fjord & Field.
The mapping has 4 errors and no warnings.`.split("\n"),
    );
  });

  it("gives the same as one JSON document", async () => {
    const { status, stdout, stderr } = await check(
      {
        "organizations.yaml": organizations("  - {planhat: custom.Tier, pipedrive: Teir}\n"),
        "persons.yaml": "stream: persons\ndirection: none\n",
        "deals.yaml": "stream: deals\ndirection: none\n",
      },
      "--json",
    );
    expect(status).to.equal(2);
    const { error, exit, ...document } = JSON.parse(stdout) as Record<string, unknown>;
    const message = "The mapping has 1 error and no warnings.";
    expect({ status: document["status"], exit, error }).to.deep.equal({
      status: "failed",
      exit: 2,
      error: { kind: "usage", message },
    });
    expect(stderr).to.equal(`Error: ${message}\n`);
    expect(document["problems"]).to.deep.equal([
      {
        severity: "error",
        file: "mappings/organizations.yaml",
        line: 5,
        column: 39,
        message: "organizations have no field `Teir`.",
        hint: "Did you mean `Tier`?",
      },
    ]);
  });

  it("warns of two entries for one field whose conditions may hold together, and exits 0", async () => {
    const { status, stdout } = await check({
      "organizations.yaml": organizations(`  - {planhat: phase, value: a, when: {field: Tier, in: [Gold, Silver]}}
  - {planhat: phase, value: b, when: {field: Tier, is: Silver}}
  - {planhat: city, value: a, when: {field: Tier, is: Gold}}
  - {planhat: city, value: b, when: {field: Tier, is: Silver}}
`),
    });
    expect(status).to.equal(0);
    expect(stdout).to.match(
      /^mappings\/organizations\.yaml:6:15: warning: `phase` is mapped twice \(also in line 5\) with conditions that may hold together; then the first counts\.\n/,
    );
    expect(stdout).to.contain("The mapping has no errors and 1 warning.");
  });

  it("warns of a field that does not fit its column", async () => {
    const { status, stdout } = await check({
      "organizations.yaml": organizations("  - {planhat: phase, pipedrive: Regions}\n"),
    });
    expect(status).to.equal(0);
    expect(stdout).to.contain("warning: `Regions` reads as a list, and `phase` takes text.");
  });

  it("warns of a received field that nothing fills in the landed records, parts and lists of sources included", async () => {
    const fields = `  - {planhat: web, pipedrive: website}
  - {planhat: zip, pipedrive: address.postal_code}
  - {planhat: city, pipedrive: address.locality}
  - {planhat: custom.Contact, pipedrive: [linkedin, website]}
  - {planhat: custom.Staff, pipedrive: [employee_count, annual_revenue]}
  - {planhat: custom.Tier, pipedrive: Tier, transform: [{default: none}]}
`;
    const files = {
      "organizations.yaml": organizations(fields),
      "deals.yaml": `stream: deals
start_date: won_time
model: license
fields:
  - {planhat: _currency, pipedrive: currency}
  - {planhat: fromDate, pipedrive: $start_date}
  - {planhat: custom.Web, pipedrive: $organization.website}
  - {planhat: custom.Size, pipedrive: $organization.employee_count}
`,
    };
    setting.map(files);
    wonDeal(
      setting.sandbox,
      {},
      { website: "https://acme.test", address: { value: "1 Road, Bergen", locality: "Bergen" } },
    );
    expect((await check(files)).stdout, "before anything has landed nobody knows").to.contain("no warnings");
    await setting.sync();
    const { status, stdout } = await check(files, "--json");
    expect(status).to.equal(0);
    expect((JSON.parse(stdout).problems as { message: string }[]).map(({ message }) => message)).to.deep.equal([
      "No landed record of deals has a value in `$organization.employee_count`, so nothing fills `custom.Size`.",
      "No landed record of organizations has a value in `address.postal_code`, so nothing fills `zip`.",
      "No landed record of organizations has a value in `employee_count` and `annual_revenue`, so nothing fills `custom.Staff`.",
    ]);
  });

  it("without an account that answers, says so and exits by what could be checked", async () => {
    const place = await sandboxSync("embedded", emptyAccount);
    try {
      place.map({ "organizations.yaml": organizations("  - {planhat: custom.Tier, pipedrive: Teir}\n") });
      place.place.write(
        "config.yaml",
        `company_url: ${place.sandbox.url}\napi_token: not-the-token\nmappings: ./mappings\ndatabase: ./new\n`,
      );
      const trusting = await place.run(["mapping", "check"]);
      expect(trusting.status, trusting.stderr).to.equal(0);
      expect(trusting.stdout).to.match(
        /\nNot checked against the account: .*refused.* Labels of fields and names of pipelines were taken on trust\.\n/,
      );
      expect(trusting.stdout).not.to.contain("not-the-token");
      place.map({ "organizations.yaml": organizations("  - {planhat: nam, pipedrive: name}\n") });
      expect((await place.run(["mapping", "check"])).status).to.equal(2);
      expect(existsSync(join(place.place.folder, "new")), "no database is made").to.equal(false);
    } finally {
      await place.close();
    }
  });

  it("leaves a database alone that another process uses, and says so", async () => {
    const busy = await sandboxSync("embedded", emptyAccount);
    const database = await openDatabase(busy.location);
    try {
      const { status, stdout } = await busy.run(["mapping", "check"]);
      expect(status).to.equal(0);
      expect(stdout).to.match(
        /\nThe landed records were not checked: .+\nThe mapping has no errors and no warnings\.\n$/,
      );
      const preview = await busy.run(["mapping", "preview", "persons", "1"]);
      expect(preview.status).to.equal(2);
      expect(preview.stderr).to.match(/warn +Synced records were not checked: .+\n.*There is no person 1/);
    } finally {
      await database.close();
      await busy.close();
    }
  });

  it("a word that is no subcommand is refused with the nearest one", async () => {
    const { status, stderr } = await setting.run(["mapping", "chekc"]);
    expect(status).to.equal(2);
    expect(stderr).to.equal(
      "error: unknown command 'chekc'\n(Did you mean check?)\nSee: pipedrive-planhat help mapping\n",
    );
    expect((await setting.run(["mapping"])).status).to.equal(2);
  });
});
