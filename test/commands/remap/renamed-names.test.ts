import { expect } from "chai";
import type { JsonObject } from "../../../connector/mapping/value.ts";
import type { Difference } from "../../../connector/sync/audit/differences.ts";
import { onServerFirst } from "../../databases.ts";
import { emptyAccount, type SandboxSync, sandboxSync, wonDeal } from "../../sandbox-sync.ts";

const mapping = {
  "organizations.yaml": `stream: organizations
fields:
  - {planhat: name, pipedrive: name}
  - {planhat: custom.Owner, pipedrive: $owner.name}
  - {planhat: custom.Mail, pipedrive: $owner.email}
  - {planhat: custom.Tier, pipedrive: Tier}
`,
  "persons.yaml": `stream: persons
fields:
  - {planhat: lastName, pipedrive: name}
  - {planhat: custom.Labels, pipedrive: $labels}
`,
  "deals.yaml": `stream: deals
start_date: won_time
model: license
fields:
  - {planhat: _currency, pipedrive: currency}
  - {planhat: fromDate, pipedrive: $start_date}
  - {planhat: product, pipedrive: title}
  - {planhat: custom.Pipeline, pipedrive: $pipeline.name}
  - {planhat: custom.Stage, pipedrive: $stage.name}
  - {planhat: custom.Tier, pipedrive: $organization.Tier}
`,
  "notes.yaml": `stream: notes
fields:
  - {planhat: description, pipedrive: content}
  - {planhat: custom.User, pipedrive: user.name}
`,
};

/** No record changes with the name of a user, an option, a stage or a pipeline, so no list of changes shows it. */
onServerFirst((kind) => {
  describe("a name that rows show and that changes in the account", function () {
    this.timeout(300_000);
    let setting: SandboxSync;
    beforeEach(async () => {
      setting = await sandboxSync(kind, emptyAccount);
      setting.map(mapping);
    });
    afterEach(() => setting.close());

    /** Creates a company with one record of each kind, owned by this user. */
    function company(name: string, owner: number, tier: string): void {
      const { store } = setting.sandbox;
      const field = store.definitions.field("organizations", "Tier").field_code;
      const option = store.definitions.option("organizations", "Tier", tier).id;
      const { dealId, organizationId } = wonDeal(
        setting.sandbox,
        { title: name },
        { name, owner_id: owner, custom_fields: { [field]: option } },
      );
      store.create("persons", { name, org_id: organizationId, label_ids: [1] });
      store.create("notes", { content: name, deal_id: dealId, org_id: organizationId });
    }
    async function audited(): Promise<Difference[]> {
      const { status, stdout, stderr } = await setting.run(["audit", "--json", "--log-level", "warn"]);
      const { differences } = JSON.parse(stdout) as { differences: Difference[] };
      expect(status, stderr + JSON.stringify(differences)).to.equal(0);
      return differences;
    }
    /** Returns the displayed values of a company's rows, and when they were last written. */
    async function shown(name: string) {
      const [row] = await setting.look<Record<"company" | "person" | "license" | "note", JsonObject> & { at: string }>(
        `select c.custom as company, e.custom as person, l.custom as license, n.custom as note,
           concat(c.updated_at, e.updated_at, l.updated_at, n.updated_at) as at
         from planhat.companies as c join planhat.endusers as e on e.company_id = c.id
         join planhat.licenses as l on l.company_id = c.id join planhat.notes as n on n.company_id = c.id
         where c.name = $1`,
        [name],
      );
      return row!;
    }

    it("is in the rows within the hour, at no further request, and audit is quiet", async () => {
      const { store } = setting.sandbox;
      company("One", 12, "Gold");
      company("Other", 13, "Silver");
      await setting.sync();
      await setting.hourPasses();
      const idle = await setting.sync();
      const before = { one: await shown("One"), other: await shown("Other") };
      expect(before.one.company).to.deep.equal({
        Owner: "Tomás Herrera",
        Mail: "tomas@fjord-and-field.example",
        Tier: "Gold",
      });

      Object.assign(store.users.find(({ id }) => id === 12)!, { name: "Tomás Ruiz", email: "ruiz@acme.test" });
      store.definitions.renameOption("organizations", "Tier", "Gold", "Golden");
      expect(await audited()).to.deep.equal([]);
      await setting.hourPasses();
      const renamed = await setting.sync();
      expect(renamed.requests).to.deep.equal(idle.requests);
      expect(renamed.streams.deals.read).to.equal(idle.streams.deals.read);
      const one = await shown("One");
      expect(one.company).to.deep.equal({ Owner: "Tomás Ruiz", Mail: "ruiz@acme.test", Tier: "Golden" });
      expect(one.license["Tier"]).to.equal("Golden");
      expect(await shown("Other")).to.deep.equal(before.other);
      expect(await audited()).to.deep.equal([]);

      store.definitions.rename("stages", 1, "First");
      store.definitions.rename("pipelines", 1, "Selling");
      const labels = store.fields.persons.find(({ field_code }) => field_code === "label_ids")!;
      labels.options!.find(({ label }) => label === "Champion")!.label = "Hero";
      Object.assign(store.users[0]!, { name: "Ingrid Dahl" });
      await setting.hourPasses();
      await setting.sync();
      const all = await shown("Other");
      expect(all.license).to.include({ Pipeline: "Selling", Stage: "First" });
      expect(all.person).to.deep.equal({ Labels: ["Hero"] });
      expect(all.note).to.deep.equal({ User: "Ingrid Dahl" });
      expect(await audited()).to.deep.equal([]);

      // The mapping is broken for the one sync that sees the change, and a user is gone for good.
      setting.map({ "persons.yaml": mapping["persons.yaml"].replace("$labels", "$lables") });
      Object.assign(store.users.find(({ id }) => id === 13)!, { name: "Aoife Ryan" });
      store.users.splice(
        store.users.findIndex(({ id }) => id === 12),
        1,
      );
      await setting.hourPasses();
      expect((await setting.run(["sync"])).status).to.equal(2);
      setting.map(mapping);
      await setting.sync();
      expect((await shown("Other")).company).to.include({ Owner: "Aoife Ryan" });
      expect((await shown("One")).company).to.include({ Owner: "Tomás Ruiz" });
      expect(await audited()).to.deep.equal([]);
    });
  });
});
