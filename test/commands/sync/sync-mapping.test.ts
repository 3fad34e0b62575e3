import { expect } from "chai";
import { itLong } from "../../long.ts";
import { emptyAccount, type SandboxSync, sandboxSync, wonDeal } from "../../sandbox-sync.ts";

const organizations = `stream: organizations
model: company
direction: receive
fields:
  - {planhat: name, pipedrive: name}
  - {planhat: web, pipedrive: website}
  - {planhat: custom.Staff, pipedrive: employee_count}
  - {planhat: custom.Industry, pipedrive: Industry}
`;
const license = `  - model: license
    fields:
      - {planhat: _currency, pipedrive: currency}
      - {planhat: fromDate, pipedrive: $start_date}
      - {planhat: value, pipedrive: value}
      - {planhat: product, pipedrive: title}
`;
const deals = (head = "", models = license) => `stream: deals
direction: receive
start_date: [won_time]
${head}models:
${models}`;

describe("what the mapping says is what a sync does", () => {
  let setting: SandboxSync;
  beforeEach(async () => {
    setting = await sandboxSync("server", emptyAccount);
    setting.map({ "organizations.yaml": organizations, "deals.yaml": deals() });
  });
  afterEach(() => setting.close());

  it("a cleared field becomes NULL, an empty one is left, and one edited by hand that is not mapped stays", async () => {
    const { dealId, organizationId } = wonDeal(
      setting.sandbox,
      {},
      { website: "https://acme.test", employee_count: 7 },
    );
    await setting.sync();
    const company = "select web, custom from planhat.companies";
    expect(await setting.look(company)).to.deep.equal([
      { web: "https://acme.test", custom: { Staff: 7, Industry: null } },
    ]);

    await setting.look(`update planhat.companies set phase = 'Onboarding', custom = custom || '{"Health": 9}'`);
    setting.sandbox.store.update("organizations", organizationId, { website: "", employee_count: null });
    setting.sandbox.store.update("deals", dealId, { title: "Touched" });
    await setting.sync();
    expect(await setting.look(company)).to.deep.equal([
      { web: "https://acme.test", custom: { Staff: null, Industry: null, Health: 9 } },
    ]);

    setting.sandbox.store.update("organizations", organizationId, { website: null });
    setting.sandbox.store.update("deals", dealId, { title: "Touched again" });
    await setting.sync("--full");
    expect(
      await setting.look("select web, custom, phase from planhat.companies"),
      "what the mapping does not name stays as it was edited by hand",
    ).to.deep.equal([{ web: null, custom: { Staff: null, Industry: null, Health: 9 }, phase: "Onboarding" }]);
  });

  it("only deals in selected pipelines sync, by name or by id", async () => {
    setting.map({ "deals.yaml": deals("pipelines: [Renewals, 3]\n") });
    const ids = [1, 2, 3].map((pipeline_id) => wonDeal(setting.sandbox, { pipeline_id }).dealId);
    const summary = await setting.sync();
    expect(summary.streams.deals).to.deep.include({ eligible: 2, skipped: { pipeline_not_selected: 1 } });
    expect(await setting.look("select source_id from planhat.licenses order by id")).to.deep.equal([
      { source_id: String(ids[1]) },
      { source_id: String(ids[2]) },
    ]);
    const { stdout } = await setting.run(["pipelines", "--json"]);
    expect(JSON.parse(stdout)).to.deep.equal([
      { id: 1, name: "Sales", selected: false },
      { id: 2, name: "Renewals", selected: true },
      { id: 3, name: "Partners", selected: true },
    ]);
  });

  itLong("rows of a pipeline that is deselected stay and are no longer updated", async () => {
    const { dealId } = wonDeal(setting.sandbox, { pipeline_id: 1, title: "Before" });
    await setting.sync();
    setting.map({ "deals.yaml": deals("pipelines: [Renewals]\n") });
    setting.sandbox.store.update("deals", dealId, { title: "After" });
    await setting.sync();
    expect(await setting.look("select product from planhat.licenses")).to.deep.equal([{ product: "Before" }]);
    setting.map({ "deals.yaml": deals() });
    await setting.sync();
    expect(await setting.look("select product from planhat.licenses")).to.deep.equal([{ product: "After" }]);
  });

  itLong("a changed mapping is applied to what has been landed, without reading a record again", async () => {
    wonDeal(setting.sandbox, { title: "Gold plan" });
    await setting.sync();
    setting.map({
      "deals.yaml": deals("", license.replace("pipedrive: title", "pipedrive: title, transform: [uppercase]")),
    });
    const summary = await setting.sync();
    expect(summary.streams.deals).to.include({ eligible: 1 });
    expect(await setting.look("select product from planhat.licenses")).to.deep.equal([{ product: "GOLD PLAN" }]);
  });

  it("by rule a deal becomes a sale, and when the rule says otherwise its row moves, in one transaction", async () => {
    const models = `  - model: sale
    when: {field: title, matches: "^One-off"}
    fields:
      - {planhat: _currency, pipedrive: currency}
      - {planhat: salesDate, pipedrive: $start_date}
      - {planhat: value, pipedrive: value}
${license}`;
    setting.map({ "deals.yaml": deals("", models) });
    const { dealId } = wonDeal(setting.sandbox, { title: "Yearly" });
    await setting.sync();
    setting.sandbox.store.update("deals", dealId, { title: "One-off training" });
    expect((await setting.sync()).models.sale.created).to.equal(1);
    expect(await setting.look("select source_id from planhat.licenses")).to.deep.equal([]);
    expect(await setting.look("select source_id, value, sales_date, currency from planhat.sales")).to.deep.equal([
      { source_id: String(dealId), value: "100", sales_date: "2026-01-31", currency: "EUR" },
    ]);
    expect(await setting.look("select model from connector.links where stream = 'deals'")).to.deep.equal([
      { model: "sale" },
    ]);
  });

  it("a sale without a positive value is a rejection with its reason, and goes in when it has one", async () => {
    const models = `  - model: sale
    fields:
      - {planhat: _currency, pipedrive: currency}
      - {planhat: salesDate, pipedrive: $start_date}
      - {planhat: value, pipedrive: value}
`;
    setting.map({ "deals.yaml": deals("", models) });
    const { dealId } = wonDeal(setting.sandbox, { value: 0 });
    const summary = await setting.sync();
    expect(summary.status).to.equal("partial");
    expect(summary.models.sale).to.include({ created: 0, rejected: 1 });
    const { stdout } = await setting.run(["status", "--json"]);
    expect(JSON.parse(stdout).latest_rejections[0]).to.include({
      stream: "deals",
      record_id: dealId,
      model: "sale",
      field: "value",
      reason: "0 is not greater than 0, which Planhat demands",
      value: 0,
    });
    const message = "Records or fields were rejected, which --fail-on-rejections makes a failure.";
    const fails = async (hint: string, ...args: string[]) => {
      const { status, stdout: told, stderr } = await setting.run([...args, "--fail-on-rejections", "--json"]);
      expect([status, stderr]).to.deep.equal([1, `Error: ${message}\n${hint}\n`]);
      const error = { kind: "run", message, hint };
      expect(JSON.parse(told)).to.deep.include({ status: "partial", exit: 1, error });
    };
    await fails("List them: pipedrive-planhat rejections list.", "sync", "--full");
    await fails("The plan lists them with their reasons.", "plan", "--full", "--exit-code");
    await fails("The plan lists them with their reasons.", "plan", "--remap");
    setting.sandbox.store.update("deals", dealId, { value: 5 });
    expect((await setting.sync()).status).to.equal("succeeded");
    expect(await setting.look("select count(*)::int as left from connector.rejections")).to.deep.equal([{ left: 0 }]);
  });

  itLong("a rejected deal that is lost afterwards is rejected no more", async () => {
    setting.map({
      "deals.yaml": deals("", license.replace("pipedrive: value", "pipedrive: lost_reason, required: true")),
    });
    const { dealId } = wonDeal(setting.sandbox);
    expect((await setting.sync()).models.license.rejected).to.equal(1);
    setting.sandbox.store.update("deals", dealId, { status: "lost" });
    await setting.sync();
    expect(await setting.look("select 1 from connector.rejections")).to.deep.equal([]);
  });

  it("rows wait for a rejected company, and go in by themselves when it does", async () => {
    setting.map({
      "organizations.yaml": organizations.replace("pipedrive: name}", "pipedrive: Tier, required: true}"),
    });
    const tier = setting.sandbox.account.fields.organizations.find((field) => field.field_name === "Tier")!;
    const { dealId, organizationId } = wonDeal(setting.sandbox);
    const summary = await setting.sync();
    expect(summary.models.company.rejected).to.equal(1);
    expect(summary.models.license.rejected).to.equal(1);
    expect(await setting.look("select stream, record_id::int from connector.rejections order by stream")).to.deep.equal(
      [
        { stream: "deals", record_id: dealId },
        { stream: "organizations", record_id: organizationId },
      ],
    );
    setting.sandbox.store.update("organizations", organizationId, {
      custom_fields: { [tier.field_code]: tier.options![0]!.id },
    });
    const again = await setting.sync();
    expect(again.models).to.deep.include({
      company: { created: 1, updated: 0, unchanged: 0, rejected: 0, fields_rejected: 0 },
    });
    expect(again.models.license.created).to.equal(1);
    expect(await setting.look("select count(*)::int as left from connector.rejections")).to.deep.equal([{ left: 0 }]);
  });

  itLong(
    "a stream without a file or with direction none does not sync, and a field with direction none is not written",
    async () => {
      const { organizationId } = wonDeal(setting.sandbox, {}, { website: "https://acme.test" });
      setting.sandbox.store.create("persons", { name: "Ann Lee", org_id: organizationId });
      setting.map({
        "organizations.yaml": organizations.replace("pipedrive: website}", "pipedrive: website, direction: none}"),
        "persons.yaml":
          "stream: persons\nmodel: enduser\ndirection: none\nfields:\n  - {planhat: firstName, pipedrive: first_name}\n",
      });
      const summary = await setting.sync();
      expect(summary.streams).to.deep.include({ persons: { read: 0, rejected: 0 }, notes: { read: 0, rejected: 0 } });
      expect(summary.models).to.deep.include({
        enduser: { created: 0, updated: 0, unchanged: 0, rejected: 0, fields_rejected: 0 },
      });
      expect(summary.models.company.created).to.equal(1);
      expect(await setting.look("select name, web from planhat.companies")).to.deep.equal([
        { name: "Acme", web: null },
      ]);
    },
  );

  itLong("an organization whose direction is both keeps what was changed in Planhat alone", async () => {
    setting.map({ "organizations.yaml": organizations.replace("direction: receive", "direction: both") });
    const { dealId, organizationId } = wonDeal(setting.sandbox, {}, { website: "https://acme.test" });
    await setting.sync();
    await setting.look("update planhat.companies set web = 'https://by-hand.test'");
    setting.sandbox.store.update("organizations", organizationId, { name: "Acme International" });
    setting.sandbox.store.update("deals", dealId, { title: "Touched" });
    await setting.sync();
    expect(await setting.look("select name, web from planhat.companies")).to.deep.equal([
      { name: "Acme International", web: "https://by-hand.test" },
    ]);
  });

  itLong("with follow_changes an organization that changed by itself is synced", async () => {
    const { organizationId } = wonDeal(setting.sandbox);
    await setting.sync();
    setting.configure("follow_changes: true\n");
    setting.sandbox.store.update("organizations", organizationId, { name: "Changed alone" });
    await setting.sync();
    expect(await setting.look("select name from planhat.companies")).to.deep.equal([{ name: "Changed alone" }]);
  });
});
