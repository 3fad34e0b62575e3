import { expect } from "chai";
import { onServerFirst } from "../../databases.ts";
import { licenseFiles, otherFiles } from "../../deal-models.ts";
import { type PlanhatSync, planhatSync } from "../../planhat-sync.ts";
import { emptyAccount, wonDeal } from "../../sandbox-sync.ts";

describe("a tenant that Planhat migrates to Deal and Line Item", function () {
  this.timeout(600_000);
  onServerFirst((kind) => {
    let setting: PlanhatSync;
    let one: number;
    let other: number;

    before(async () => {
      setting = await planhatSync(kind, {}, emptyAccount, { agreed: false });
      setting.map({ ...otherFiles, ...licenseFiles });
      one = wonDeal(setting.sandbox, { title: "Rollout" }).dealId;
      other = wonDeal(setting.sandbox, { title: "Seats", value: 500 }).dealId;
      await setting.sync("--yes");
      expect(setting.objects("licenses").size).to.equal(2);
    });
    after(() => setting.close());

    it("gets nothing of the old models, and sync says which it has now", async () => {
      const { store, manners } = setting.planhat;
      store.migrate();
      manners.revenue = "deals";
      store.create("deals", { name: "By hand", companyId: store.all("companies")[0]!["_id"]! });
      setting.sandbox.store.update("deals", one, { value: 250 });
      const { held, status } = await setting.sync();
      expect(status).to.equal("succeeded");
      const [waits] = held;
      expect(waits?.what).to.match(
        /^licenses and sales that this Planhat tenant \(.*\) does not take: it has Deal and Line Item$/,
      );
      expect(waits).to.include({ count: 1 });
      expect(waits?.remedy).to.contain("mapping init --models deals --force");
      expect(store.all("licenses")).to.deep.equal([]);
      expect(store.all("lineitems").length).to.equal(2);
    });

    it("is an error of the mapping for `mapping check` and `check`, which say what to do", async () => {
      const { status, stdout } = await setting.run(["mapping", "check"]);
      expect(status, stdout).to.equal(2);
      expect(stdout).to.match(
        /deals\.yaml:\d+:\d+: error: This Planhat tenant \(.*\) has Deal and Line Item instead of License and Sale, so it accepts no licenses\./,
      );
      expect(stdout).to.contain("`pipedrive-planhat mapping init --models deals --force` writes the mapping");
      const plan = JSON.parse((await setting.run(["plan", "--json"])).stdout) as { held: { what: string }[] };
      expect(plan.held.map(({ what }) => what)).to.have.length(1);
      expect(plan.held[0]!.what).to.contain("does not take: it has Deal and Line Item");
      const checked = await setting.run(["check", "--json"]);
      const { connectionStatus } = JSON.parse(checked.stdout);
      expect(connectionStatus.status).to.equal("FAILED");
      expect(connectionStatus.message).to.contain("has Deal and Line Item instead of License and Sale");
    });

    it("is taken over by source id once the new mapping is agreed to: no duplicate", async () => {
      const init = await setting.run(["mapping", "init", "--force", "--json"]);
      expect(init.status, init.stderr).to.equal(0);
      expect(JSON.parse(init.stdout), "the tenant was asked").to.include({ models: "deals" });
      const plan = JSON.parse((await setting.run(["plan", "--json"])).stdout);
      expect(plan.planhat.published.deal).to.include({ create: 0, take_over: 2 });
      expect(plan.planhat.published.lineitem).to.include({ create: 0, take_over: 2 });
      expect(plan.planhat.unknown.map((found: { name: string }) => found.name)).to.deep.equal(["By hand"]);

      const waiting = await setting.sync();
      expect(waiting.held.length, "the first publication waits").to.be.greaterThan(0);
      expect(setting.objects("lineitems").has(`deal-${one}`)).to.equal(false);
      await setting.sync("--yes");
      const { store } = setting.planhat;
      expect(store.all("deals").length, "with the one made by hand").to.equal(3);
      expect([...setting.objects("lineitems").keys()].toSorted()).to.deep.equal([`deal-${one}`, `deal-${other}`]);
      expect(setting.objects("lineitems").get(`deal-${one}`)).to.include({ value: 250 });
      const left = await setting.look("select 1 from planhat.licenses");
      expect(left.length).to.equal(0);
      setting.writes();
      expect((await setting.sync("--full")).held).to.deep.equal([]);
      expect(setting.writes()).to.deep.equal([]);
    });

    it("takes deals of every status with `mapping init --deals all`", async () => {
      const init = await setting.run(["mapping", "init", "--deals", "all", "--force"]);
      expect(init.status, init.stderr).to.equal(0);
      const open = wonDeal(setting.sandbox, { title: "Open", status: "open", won_time: null }).dealId;
      setting.sandbox.store.update("deals", other, { status: "lost", lost_time: "2026-06-15 10:00:00" });
      await setting.sync();
      expect(setting.objects("deals").get(String(other))).to.include({ stage: "Closed Lost" });
      expect(setting.objects("deals").get(String(open))!["stage"])
        .to.be.a("string")
        .and.not.equal("Closed Won");
    });
  });
});
