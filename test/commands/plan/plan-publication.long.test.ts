import { expect } from "chai";
import { eachDatabase } from "../../databases.ts";
import { agreeToPublish, type PlanhatSync, planhatSync } from "../../planhat-sync.ts";
import { wonDeal } from "../../sandbox-sync.ts";

interface Planned {
  planhat: {
    published: Record<string, { create: number; take_over: number; update: number; same: number }>;
    deleted: Record<string, number>;
    twins: { source_id: string; name: string; planhat_id: string }[];
  };
  held: { what: string; count: number; remedy: string }[];
  conflicts: object[];
}

const organizations = `stream: organizations
model: company
direction: both
prefer: pipedrive
fields:
  - {planhat: name, pipedrive: name}
  - {planhat: web, pipedrive: website}
`;
const deals = `stream: deals
model: license
start_date: [won_time]
fields:
  - {planhat: value, pipedrive: value}
  - {planhat: _currency, pipedrive: currency}
  - {planhat: fromDate, pipedrive: $start_date}
`;

eachDatabase((_open, kind) => {
  describe("plan with Planhat's API configured", function () {
    this.timeout(240_000);
    let setting: PlanhatSync;
    const plan = async (...options: string[]): Promise<Planned> =>
      JSON.parse((await setting.run(["plan", "--json", ...options])).stdout);
    const counts = (create: number, take_over: number, update: number, same: number) => ({
      create,
      take_over,
      update,
      same,
    });
    const none = counts(0, 0, 0, 0);
    const company = (name: string, more = {}) => wonDeal(setting.sandbox, {}, { name, ...more }).organizationId;

    beforeEach(async () => {
      setting = await planhatSync(kind, {}, undefined, { agreed: false });
    });
    afterEach(() => setting.close());

    it("counts what is created, taken over, updated and the same, as the next sync does it", async () => {
      const [acme, beta] = [company("Acme"), company("Beta")];
      setting.planhat.store.create("companies", { name: "Beta", sourceId: String(beta) });
      const { planhat } = await plan();
      expect(planhat.published["company"]).to.deep.equal(counts(1, 1, 0, 0));
      expect(planhat.published["license"]).to.deep.equal(counts(2, 0, 0, 0));
      expect(planhat.published["enduser"]).to.deep.equal(none);
      expect(planhat.twins).to.deep.equal([]);
      expect(setting.writes()).to.deep.equal([]);
      const text = (await setting.run(["plan"])).stdout;
      expect(text).to.match(
        /In Planhat:\n.*create +take over +update +the same +remove\ncompany +1 +1 +0 +0 +0\nlicense +2 +0 +0 +0 +0\n/,
      );
      expect(text).to.include("4 to publish to Planhat");

      const first = await setting.sync("--yes");
      expect(first.planhat?.published.company).to.include({ created: 1, updated: 0, unchanged: 1 });
      expect(first.planhat?.published.license).to.include({ created: 2 });
      expect((await plan()).planhat.published).to.deep.include({
        company: counts(0, 0, 0, 2),
        license: counts(0, 0, 0, 2),
      });

      setting.sandbox.store.update("organizations", acme, { name: "Acme Ltd" });
      company("Gamma");
      const next = (await plan("--full")).planhat.published;
      expect(next).to.deep.include({ company: counts(1, 0, 1, 1), license: counts(1, 0, 0, 2) });
      setting.writes();
      const { planhat: done } = await setting.sync("--full");
      expect(done?.published.company).to.include({ created: 1, updated: 1, unchanged: 0 });
      expect(done?.published.license).to.include({ created: 1, updated: 0, unchanged: 0 });
    });

    it("names companies that Planhat has under the same name or domain; they wait, and what belongs to them", async () => {
      const [prairie, acme, other] = [
        company("Prairie  Media LLC"),
        company("Acme", { website: "https://www.acme.test/en" }),
        company("Other"),
      ];
      const twin = setting.planhat.store.create("companies", { name: "prairie media llc" });
      const site = setting.planhat.store.create("companies", { name: "ACME Holding", web: "acme.test" });
      setting.planhat.store.create("companies", { name: "Other", sourceId: "crm-7" });
      const twins = [
        { source_id: String(prairie), name: "Prairie  Media LLC", planhat_id: twin["_id"] },
        { source_id: String(acme), name: "Acme", planhat_id: site["_id"] },
      ];
      const planned = await plan();
      expect(planned.planhat.twins).to.deep.equal(twins);
      expect(planned.planhat.published["company"]).to.deep.equal(counts(3, 0, 0, 0));
      expect(planned.held.find(({ what }) => what.includes("twins"))?.count).to.equal(2);
      const { stdout } = await setting.run(["plan"]);
      expect(stdout).to.include(
        `! company ${acme} "Acme": Planhat seems to have it already, as "ACME Holding" (${site["_id"]})`,
      );

      // Publishing has consent, and then the twins are found.
      await agreeToPublish(setting.location, setting.planhat);
      const { status, held, planhat } = await setting.sync();
      expect(status).to.equal("succeeded");
      expect(held.map(({ what, count }) => `${count} ${what.replace(/\(127.*?\)/, "(…)")}`)).to.deep.equal([
        "2 companies to make in Planhat (…) beside one of the same name or domain (twins)",
      ]);
      expect(planhat?.published.company).to.include({ created: 1, rejected: 0 });
      expect(planhat?.published.license).to.include({ created: 1, rejected: 0 });
      expect(await setting.look("select * from connector.rejections")).to.deep.equal([]);
      expect([...setting.objects("companies").keys()])
        .to.include(String(other))
        .and.not.include(String(acme));
      expect(JSON.parse((await setting.run(["status", "--json"])).stdout).held).to.have.length(1);

      // One twin is the same company, and a user says so in Planhat; the other is not.
      setting.planhat.store.update("companies", String(site["_id"]), { sourceId: String(acme) });
      expect((await plan()).planhat.published).to.deep.include({
        company: counts(1, 1, 0, 1),
        license: counts(2, 0, 0, 1),
      });
      expect((await setting.sync()).held[0]).to.include({ count: 1 });
      expect(setting.objects("companies").get(String(acme))).to.include({ _id: site["_id"], name: "Acme" });
      const agreed = await setting.sync("--yes");
      expect(agreed.held).to.deep.equal([]);
      expect(agreed.planhat?.published.company).to.include({ created: 1 });
      expect(setting.objects("companies").get(String(prairie))?.["_id"]).not.to.equal(twin["_id"]);
      expect(setting.objects("licenses").size).to.equal(3);
      expect((await plan()).planhat.published).to.deep.include({
        company: counts(0, 0, 0, 3),
        license: counts(0, 0, 0, 3),
      });
    });

    it("shows who wins a conflict and the value that is lost, as the next sync records it", async () => {
      setting.map({ "organizations.yaml": organizations, "deals.yaml": deals });
      const id = company("Acme", { website: "https://acme.test" });
      await setting.sync("--yes");
      await setting.look(`update planhat.companies set name = 'By hand' where source_id = '${id}'`);
      const there = String(setting.objects("companies").get(String(id))!["_id"]);
      setting.planhat.store.update("companies", there, { web: "https://there.test" });
      setting.sandbox.store.update("organizations", id, { name: "Acme Ltd", website: "https://new.test" }, "api");
      const expected = [
        { field: "web", pipedrive: "https://new.test", planhat: "https://there.test", winner: "pipedrive" },
        { field: "name", pipedrive: "Acme Ltd", planhat: "By hand", winner: "pipedrive" },
      ];
      const { conflicts } = await plan();
      expect(conflicts).to.have.deep.members(
        expected.map((one) => ({ stream: "organizations", record_id: id, ...one, lost: one.planhat })),
      );
      const { stdout } = await setting.run(["plan"]);
      expect(stdout).to.include(
        `! company ${id} name: changed on both sides; Pipedrive wins with "Acme Ltd", "By hand" of Planhat is lost`,
      );
      expect(stdout).to.include("2 conflicts");
      expect((await setting.sync()).sent.organizations.conflicts).to.equal(2);
      expect(
        await setting.look("select field, pipedrive, planhat, winner from connector.conflicts"),
      ).to.have.deep.members(expected);
      expect((await plan()).conflicts).to.deep.equal([]);
    });
  });
});
