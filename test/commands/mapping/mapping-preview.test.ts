import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "chai";
import { emptyAccount, type SandboxSync, sandboxSync, wonDeal } from "../../sandbox-sync.ts";

const organizations = `stream: organizations
fields:
  - {planhat: name, pipedrive: name, transform: [trim, uppercase]}
  - {planhat: web, pipedrive: website}
  - {planhat: city, pipedrive: address.locality}
  - {planhat: phase, value: Customer, when: {field: Tier, is: Gold}}
  - {planhat: phase, value: Prospect, when: {field: Tier, present: false}}
  - {planhat: zip, pipedrive: address.postal_code, direction: none}
  - {planhat: custom.Staff, pipedrive: employee_count, transform: [{lookup: {"1": one}}]}
`;
const deals = `stream: deals
start_date: won_time
model: license
fields:
  - {planhat: _currency, pipedrive: currency}
  - {planhat: fromDate, pipedrive: $start_date}
  - {planhat: product, pipedrive: $organization.name}
`;

describe("mapping preview", () => {
  let setting: SandboxSync;
  let organizationId: number;
  let dealId: number;
  before(async () => {
    setting = await sandboxSync("server", emptyAccount);
    setting.map({ "organizations.yaml": organizations, "deals.yaml": deals });
    ({ organizationId, dealId } = wonDeal(setting.sandbox, {}, { name: " Acme ", website: null, employee_count: 5 }));
  });
  after(() => setting.close());
  const preview = (...args: string[]) => setting.run(["mapping", "preview", ...args]);

  it("shows a record that has not landed fresh from Pipedrive, and says so", async () => {
    const { status, stdout, stderr } = await preview("organizations", String(organizationId));
    expect(stderr).to.equal("");
    expect(status).to.equal(0);
    expect(stdout).to.equal(
      `organizations ${organizationId}, fresh from Pipedrive, because it has not landed → company: a row would be created

name (receive) → planhat.companies.name
  name       " Acme "
  trim       "Acme"
  uppercase  "ACME"
  →          "ACME"

web (receive) → planhat.companies.web
  website  null: cleared
  →        unchanged

city (receive) → planhat.companies.city
  address.locality  null: cleared
  →                 unchanged

phase (receive) → planhat.companies.phase
  constant  "Customer"
  →         left as it is: its \`when\` does not hold

phase (receive) → planhat.companies.phase
  constant  "Prospect"
  →         "Prospect"

zip (none) → planhat.companies.zip
  address.postal_code  null: cleared
  →                    not written: its direction does not receive

custom.Staff (receive) → planhat.companies.custom
  employee_count      5
  {lookup: {1: one}}  refused: 5 is not in the lookup (it has: 1)
  →                   refused: 5 is not in the lookup (it has: 1)
`,
    );
  });

  it("compares a landed record with its row, and asks Pipedrive for nothing", async () => {
    await setting.sync();
    await setting.look("update planhat.companies set name = 'By hand', city = 'Oslo'");
    const before = setting.sandbox.requests.count;
    const { stdout } = await preview("organizations", String(organizationId), "--json");
    expect(setting.sandbox.requests.count).to.equal(before);
    const shown = JSON.parse(stdout);
    expect(shown).to.include({
      stream: "organizations",
      from: "landing",
      model: "company",
      action: "update",
      skipped: null,
    });
    expect(shown.fields[0]).to.deep.equal({
      field: "name",
      sources: ["name"],
      direction: "receive",
      column: "planhat.companies.name",
      steps: [
        { step: "source", result: { state: "present", value: " Acme " } },
        { step: "trim", result: { state: "present", value: "Acme" } },
        { step: "uppercase", result: { state: "present", value: "ACME" } },
      ],
      result: { outcome: "changed", from: "By hand", to: "ACME" },
    });
    expect(shown.fields[2].result).to.deep.equal({ outcome: "changed", from: "Oslo", to: null });
    expect((await preview("organizations", String(organizationId))).stdout).to.contain('→          "By hand" → "ACME"');
    expect(await setting.look("select name, city from planhat.companies")).to.deep.equal([
      { name: "By hand", city: "Oslo" },
    ]);
  });

  it("shows a record from a JSON file, also as the API answers it, with its organization from the landing", async () => {
    const deal = {
      id: dealId,
      status: "lost",
      org_id: organizationId,
      currency: "EUR",
      won_time: "2026-02-01T10:00:00Z",
    };
    for (const content of [
      JSON.stringify(deal),
      JSON.stringify({ success: true, data: deal }),
      `\uFEFF${JSON.stringify(deal)}`,
    ]) {
      setting.place.write("deal.json", content);
      const { status, stdout, stderr } = await preview("deals", "deal.json");
      expect(status, stderr).to.equal(0);
      expect(stdout).to.contain(
        `deals ${dealId}, from the file → license: the row would be updated\nA sync leaves it out: not won.\n`,
      );
      expect(stdout).to.contain('  $start_date  "2026-02-01"\n  →            "2026-01-31" → "2026-02-01"\n');
      expect(stdout).to.contain('  $organization.name  " Acme "\n  →                   unchanged\n');
    }
  });

  it("shows that a deal which becomes another model leaves its old row", async () => {
    const sale = deals
      .replace("license", "sale")
      .replace("fromDate", "salesDate")
      .replace("product, pipedrive: $organization.name", "value, pipedrive: value");
    setting.map({ "deals.yaml": sale });
    const { stdout } = await preview("deals", String(dealId));
    expect(stdout).to.contain(
      `deals ${dealId}, as it has landed → sale: a row would be created\nIts row as a license would be removed.\n`,
    );
    setting.map({ "deals.yaml": deals });
  });

  it("says what is wrong with its arguments, the file or the mapping", async () => {
    const failing = async (...args: string[]) => {
      const { status, stdout, stderr } = await preview(...args);
      expect(stdout).to.equal("");
      return { status, stderr };
    };
    expect(await failing("organisations", "1")).to.deep.equal({
      status: 2,
      stderr:
        "error: 'organisations' is no <stream>. Did you mean organizations?\nSee: pipedrive-planhat help mapping preview\n",
    });
    expect(await failing("persons", "99")).to.deep.equal({
      status: 2,
      stderr:
        "Error: There is no person 99: it has not landed and Pipedrive has none.\nThe number is the last part of the record's address in Pipedrive. The token's user may not see every record.\n",
    });
    expect(await failing("deals", "no.json")).to.deep.equal({
      status: 2,
      stderr:
        "Error: no.json is neither the id of a record nor a file.\nGive the record's id in Pipedrive, a whole number, or a JSON file that holds the record.\n",
    });
    for (const id of ["0", "-5", "99999999999999999999"]) {
      const { status, stderr } = await failing("deals", id);
      expect(status).to.equal(2);
      expect(stderr).to.match(new RegExp(`^Error: ${id} is neither the id of a record nor a file\\.\n`));
    }
    expect((await failing("deals", ".")).stderr).to.equal("Error: The record file . is a folder.\n");
    setting.place.write("list.json", "[]");
    expect((await failing("deals", "list.json")).stderr).to.equal(
      "Error: list.json holds no JSON object, and a record is one.\n",
    );
    setting.place.write("odd.json", '{"id": "seven"}');
    expect((await failing("deals", "odd.json")).stderr).to.equal(
      'Error: odd.json is no record of deals that can be stored: id: expected a whole number, found "seven".\n',
    );
    setting.place.write("deep.json", `{"id": 7, "custom_fields": ${"[".repeat(200_000)}${"]".repeat(200_000)}}`);
    expect((await failing("deals", "deep.json")).stderr).to.equal(
      "Error: deep.json is no record of deals that can be stored: it is nested more than 100 levels deep, and no record of Pipedrive's is.\n",
    );
    setting.place.write("many.json", '{"data": [{"id": 1}, {"id": 2}]}');
    expect((await failing("deals", "many.json")).stderr).to.equal(
      "Error: many.json holds 2 records of deals, and one is needed.\n",
    );
    setting.map({ "organizations.yaml": organizations.replace("pipedrive: website", "pipedrive: websit") });
    const { status, stderr } = await failing("organizations", String(organizationId));
    expect(status).to.equal(2);
    expect(stderr).to.contain("mappings/organizations.yaml:4:31: error: organizations have no field `websit`.");
    setting.map({ "organizations.yaml": organizations });
  });

  it("with --watch shows it again whenever a mapping file is saved, mistakes included, until it is stopped", async () => {
    const file = join(setting.place.folder, "mappings/organizations.yaml");
    const text = readFileSync(file, "utf8");
    let output = "";
    const until = async (part: string) => {
      for (let waited = 0; !output.includes(part) && waited < 30_000; waited += 50) await sleep(50);
      expect(output).to.contain(part);
    };
    const ended = setting.run(["mapping", "preview", "organizations", String(organizationId), "--watch"], (child) => {
      child.stdout!.on("data", (chunk: string) => (output += chunk));
      child.stderr!.on("data", (chunk: string) => (output += chunk));
      void (async () => {
        await until("Waiting for changes in");
        writeFileSync(file, text.replace("uppercase", "lowercase"));
        await until('  lowercase  "acme"');
        writeFileSync(file, text.replace("uppercase", "lowercas"));
        await until("Did you mean `lowercase`?");
        writeFileSync(file, text);
        output = "";
        await until('  uppercase  "ACME"');
      })().finally(() => child.kill("SIGINT"));
    });
    const { status } = await ended;
    expect(status).to.equal(130);
    expect(output).to.contain('  uppercase  "ACME"');
  });
});
