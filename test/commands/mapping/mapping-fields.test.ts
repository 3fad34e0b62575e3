import { expect } from "chai";
import { emptyAccount, type SandboxSync, sandboxSync, wonDeal } from "../../sandbox-sync.ts";

interface Field {
  label: string | null;
  key: string;
  type: string;
  options: { id: number; label: string }[] | null;
  mapped: string[];
  filled: number | null;
  records: number;
}

describe("mapping fields", () => {
  let setting: SandboxSync;
  before(async () => {
    setting = await sandboxSync("server", emptyAccount);
    setting.map({
      "organizations.yaml": `stream: organizations
fields:
  - {planhat: name, pipedrive: name}
  - {planhat: phase, value: Customer, when: {field: Tier, is: Gold}}
`,
      "deals.yaml": `stream: deals
start_date: [Contract start, won_time]
models:
  - model: sale
    when: {field: Deal type, is: One-off}
    fields:
      - {planhat: _currency, value: EUR}
      - {planhat: salesDate, pipedrive: won_time}
      - {planhat: value, value: 1}
  - model: license
    fields:
      - {planhat: _currency, pipedrive: currency}
      - {planhat: fromDate, pipedrive: $start_date}
      - {planhat: product, pipedrive: $organization.name}
`,
    });
  });
  after(() => setting.close());
  const fields = async (stream: string): Promise<Field[]> => {
    const { status, stdout, stderr } = await setting.run(["mapping", "fields", stream, "--json"]);
    expect(status, stderr).to.equal(0);
    return JSON.parse(stdout);
  };
  const named = (list: Field[], name: string) => list.find(({ label, key }) => label === name || key === name)!;

  it("before the first sync lists label, key, type, options and where each is mapped", async () => {
    const organizations = await fields("organizations");
    const { field_code: tier, options } = setting.sandbox.account.fields.organizations.find(
      ({ field_name }) => field_name === "Tier",
    )!;
    expect(named(organizations, "Tier")).to.deep.equal({
      label: "Tier",
      key: tier,
      type: "enum",
      custom: true,
      options: options!.map(({ id, label }) => ({ id, label })),
      mapped: ["company.phase"],
      filled: null,
      records: 0,
    });
    expect(named(organizations, "name").mapped).to.have.members(["company.name", "license.product"]);
    const deals = await fields("deals");
    expect(named(deals, "Contract start").mapped).to.deep.equal(["license.fromDate"]);
    expect(named(deals, "won_time").mapped).to.deep.equal(["sale.salesDate", "license.fromDate"]);
    expect(named(deals, "Deal type").mapped).to.deep.equal(["when sale"]);
    expect(named(await fields("notes"), "content")).to.include({ label: null, type: "plain" });
    const { stdout } = await setting.run(["mapping", "fields", "organizations"]);
    expect(stdout).to.match(/^label +key +type +mapped to +options\n/);
    expect(stdout).to.contain("No organizations have landed yet, so the fill counts are unknown.");
  });

  it("counts how many landed records fill each field, deleted ones aside; null, empty text and [] fill nothing", async () => {
    const { store, account } = setting.sandbox;
    const tier = account.fields.organizations.find(({ field_name }) => field_name === "Tier")!;
    wonDeal(
      setting.sandbox,
      {},
      { website: "https://acme.test", custom_fields: { [tier.field_code]: tier.options![0]!.id } },
    );
    wonDeal(setting.sandbox, {}, { website: "" });
    wonDeal(setting.sandbox, {}, { website: "https://gone.test", is_deleted: true });
    store.create("organizations", { name: "No deal", website: null, label_ids: [] });
    await setting.sync();
    const list = await fields("organizations");
    expect(named(list, "name")).to.include({ filled: 3, records: 3 });
    expect(named(list, "website").filled).to.equal(1);
    expect(named(list, "Tier").filled).to.equal(1);
    expect(named(list, "label_ids").filled).to.equal(0);
    const { stdout } = await setting.run(["mapping", "fields", "organizations"]);
    expect(stdout).to.match(/\nTier +[0-9a-f]{40} +enum +1 +company\.phase +Gold, Silver, Bronze\n/);
    expect(stdout).to.contain("filled: in how many of the 3 landed organizations.");
  });

  it("without an account that answers, shows the fields of the last sync and says so", async () => {
    setting.place.write(
      "offline.yaml",
      `company_url: ${setting.sandbox.url}\napi_token: not-the-token\nmappings: ./mappings\ndatabase: ${setting.location}\n`,
    );
    const { status, stdout, stderr } = await setting.run(["mapping", "fields", "deals", "--config", "offline.yaml"]);
    expect(status).to.equal(0);
    expect(stdout).to.contain("Contract start");
    expect(stderr).to.match(/These are the fields of the last sync, because the account cannot be asked: .*refused/);
    setting.place.write(
      "nothing.yaml",
      `company_url: ${setting.sandbox.url}\napi_token: not-the-token\ndatabase: ./none\n`,
    );
    expect((await setting.run(["mapping", "fields", "deals", "--config", "nothing.yaml"])).status).to.equal(3);
  });

  it("a stream that does not exist is refused with the nearest word", async () => {
    const { status, stderr } = await setting.run(["mapping", "fields", "person"]);
    expect(status).to.equal(2);
    expect(stderr).to.contain("Did you mean persons?");
    expect((await setting.run(["mapping", "fields", "xyz"])).stderr).to.contain(
      "It must be one of: deals, organizations, persons, notes, deal_products.",
    );
  });
});
