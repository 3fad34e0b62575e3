import { expect } from "chai";
import type { PlannedChange } from "../../../connector/sync/planned.ts";
import { onServerFirst } from "../../databases.ts";
import { emptyAccount, type SandboxSync, sandboxSync, wonDeal } from "../../sandbox-sync.ts";
import { everyTable } from "../every-table.ts";

const organizations = (more = "") =>
  `stream: organizations\nmodel: company\nfields:\n  - {planhat: name, pipedrive: name}\n${more}`;
const persons = "stream: persons\nmodel: enduser\nfields:\n  - {planhat: email, pipedrive: emails.primary}\n";
const license = (more = "") => `  - model: license
    fields:
      - {planhat: _currency, pipedrive: currency}
      - {planhat: fromDate, pipedrive: $start_date}
      - {planhat: value, pipedrive: value}
${more}`;
const sale = `  - model: sale
    when: {field: value, greater: 1000}
    fields:
      - {planhat: _currency, pipedrive: currency}
      - {planhat: salesDate, pipedrive: $start_date}
      - {planhat: value, pipedrive: value}
      - {planhat: product, pipedrive: title}
`;
const deals = (models: string, statuses = "[won]") =>
  `stream: deals\nstatuses: ${statuses}\nstart_date: [won_time, add_time]\nmodels:\n${models}`;

interface Shown {
  mode: string;
  applied: boolean;
  models: Record<string, { created: number; updated: number; removed: number; unchanged: number; rejected: number }>;
  changes: PlannedChange[];
  counts: { changes: number; rejections: number };
}

onServerFirst((kind) => {
  describe("plan --remap", function () {
    this.timeout(240_000);
    let setting: SandboxSync;
    before(async () => {
      setting = await sandboxSync(kind, emptyAccount);
      setting.map({ "organizations.yaml": organizations(), "persons.yaml": persons, "deals.yaml": deals(license()) });
    });
    after(() => setting?.close());
    const show = async (...options: string[]) => {
      const { status, stdout, stderr } = await setting.run(["plan", "--remap", "--exit-code", ...options]);
      return { status, stdout, stderr };
    };

    it("says that nothing has landed before the first sync", async () => {
      const { status, stderr } = await show();
      expect(status).to.equal(3);
      expect(stderr).to.include("yet, so there is nothing to map.");
    });

    it("shows what the mapping as it stands would change, asks nobody and writes nothing", async () => {
      const { store } = setting.sandbox;
      const acme = wonDeal(setting.sandbox, { title: "One", value: 100 }, { name: "Acme" });
      const large = wonDeal(setting.sandbox, { title: "Large", value: 5000 }, { name: "Beta" });
      const open = wonDeal(setting.sandbox, { title: "Open", status: "open", won_time: null }, { name: "Gamma" });
      const email = [{ value: "kim@gamma.test", primary: true, label: "work" }];
      const kim = store.create("persons", { name: "Kim", org_id: open.organizationId, emails: email })["id"];
      await setting.sync();
      expect((await show()).status).to.equal(0);

      setting.map({
        "organizations.yaml": organizations("  - {planhat: custom.Source, value: Pipedrive}\n"),
        "deals.yaml": deals(
          `${sale}${license("      - {planhat: product, pipedrive: title, transform: [uppercase]}\n")}`,
          "[open, won]",
        ),
      });
      setting.sandbox.requests.reset();
      const before = await everyTable(setting, { versions: true });
      const { status, stdout, stderr } = await show("--json");
      expect(status, stderr).to.equal(10);
      const shown = JSON.parse(stdout) as Shown;
      expect(shown).to.deep.include({
        mode: "remap",
        applied: false,
        counts: { changes: 8, conflicts: 0, rejections: 0 },
      });
      const counts = (created: number, updated: number, removed: number, unchanged: number) => ({
        ...{ created, updated, removed, unchanged },
        rejected: 0,
      });
      expect(shown.models).to.deep.equal({
        company: counts(1, 2, 0, 0),
        enduser: counts(1, 0, 0, 0),
        note: counts(0, 0, 0, 0),
        license: counts(1, 1, 1, 0),
        sale: counts(1, 0, 0, 0),
        deal: counts(0, 0, 0, 0),
        lineitem: counts(0, 0, 0, 0),
      });
      const changeOf = (model: string, id: number) =>
        shown.changes.find((change) => change.model === model && change.source_id === String(id))!;
      expect(changeOf("company", acme.organizationId).fields).to.deep.equal({
        "custom.Source": { from: null, to: "Pipedrive" },
      });
      expect(changeOf("license", acme.dealId).fields).to.deep.equal({ product: { from: null, to: "ONE" } });
      expect(changeOf("license", large.dealId)).to.deep.include({ action: "delete" });
      expect(changeOf("license", large.dealId).fields["value"]).to.deep.equal({ from: 5000, to: null });
      expect(changeOf("sale", large.dealId)).to.deep.include({ action: "create" });
      // A company that would be created is named by its organization: it has no row id yet.
      expect(changeOf("enduser", kim as number).fields["companyId"]).to.deep.equal({
        from: null,
        to: `organization ${open.organizationId}`,
      });
      const text = (await show()).stdout;
      expect(text).to.include(`~ license ${acme.dealId} "ONE"`.replace(' "ONE"', ""));
      expect(text).to.match(/product: null → "ONE"/);
      expect(text).to.include(`companyId: ${open.organizationId}`);
      expect(text).to.include("The mapping changed since the last sync; the next one does this first.");
      expect(text).to.match(/\nPlan: 4 to create, 3 to update, 1 to delete, 0 unchanged\. /);
      expect(await everyTable(setting, { versions: true })).to.deep.equal(before);

      const done = JSON.parse((await setting.run(["remap", "--json"])).stdout);
      expect(setting.sandbox.requests.count).to.equal(0);
      for (const [model, { created, updated }] of Object.entries(shown.models))
        expect(done.models[model], model).to.include({ created, updated });
      const after = await show("--json");
      expect(after.status).to.equal(0);
      expect(JSON.parse(after.stdout)).to.deep.include({ applied: true, changes: [] });
    });

    it("ends with what is wrong in the mapping, and takes no option that asks Pipedrive", async () => {
      for (const [option, ...values] of [["--full"], ["--company", "1"], ["--out", "plan.json"]]) {
        const { status, stderr } = await show(option!, ...values);
        expect(status).to.equal(2);
        expect(stderr).to.include("'--remap' cannot be used with option");
      }
      setting.map({ "organizations.yaml": organizations("  - {planhat: web, pipedrive: webside}\n") });
      const wrong = await show();
      expect(wrong.status).to.equal(2);
      expect(wrong.stderr).to.include("organizations.yaml:5:");
    });
  });
});
