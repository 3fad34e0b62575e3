import { expect } from "chai";
import { onServerFirst } from "../../databases.ts";
import { dealFiles, otherFiles } from "../../deal-models.ts";
import { type PlanhatSync, planhatSync } from "../../planhat-sync.ts";
import { wonDeal } from "../../sandbox-sync.ts";

describe("deals and line items, on a tenant that has these", function () {
  this.timeout(600_000);
  onServerFirst((kind) => {
    let setting: PlanhatSync;
    let dealId: number;
    let plain: number;
    let seats: number;
    let training: number;

    before(async () => {
      setting = await planhatSync(kind, { revenue: "deals" });
      setting.map({ ...otherFiles, ...dealFiles });
      dealId = wonDeal(setting.sandbox, { title: "Rollout", won_time: "2026-03-01T00:00:00Z" }).dealId;
      plain = wonDeal(setting.sandbox, { title: "Plain", value: 500 }).dealId;
      const add = (values: Record<string, string | number | null>) =>
        setting.sandbox.store.products.add(dealId, values)["id"] as number;
      seats = add({
        ...{ product_id: 1, name: "Seats", item_price: 1200, quantity: 1, currency: "EUR" },
        ...{ billing_frequency: "annually", billing_frequency_cycles: 1, billing_start_date: "2026-04-01" },
      });
      training = add({ product_id: 2, name: "Training", item_price: 500, currency: "USD" });
    });
    after(() => setting.close());

    const store = () => setting.sandbox.store.products;
    const rows = async () => {
      const found = await setting.look<{ name: string }>(
        `select 'deal ' || source_id as name from planhat.deals
         union all select 'lineitem ' || source_id from planhat.lineitems order by 1`,
      );
      return found.map(({ name }) => name);
    };
    const published = () =>
      [...setting.objects("deals").keys()]
        .map((id) => `deal ${id}`)
        .concat([...setting.objects("lineitems").keys()].map((id) => `lineitem ${id}`))
        .toSorted();
    const json = async <Answer>(...args: string[]): Promise<Answer> => {
      const { status, stdout, stderr } = await setting.run([...args, "--json"]);
      expect(status, stderr + stdout).to.equal(0);
      return JSON.parse(stdout.trim().split("\n").at(-1)!) as Answer;
    };
    const audited = async () => {
      const { differences } = await json<{ differences: { kind: string; reason: string }[] }>("audit");
      return differences.filter(({ kind }) => kind !== "does_not_sync");
    };
    const all = () =>
      [
        `deal ${dealId}`,
        `deal ${plain}`,
        `lineitem ${seats}`,
        `lineitem ${training}`,
        `lineitem deal-${plain}`,
      ].toSorted();

    it("are planned, made and published: companies, then deals, then their line items", async () => {
      type Plan = { changes: { model: string; source_id: string; action: string }[] };
      const { changes } = await json<Plan>("plan");
      const made = changes.filter(({ model }) => model !== "company");
      expect(made.map((one) => `${one.model} ${one.source_id}`)).to.have.members(all());
      setting.writes();
      const summary = await setting.sync();
      expect(setting.writes()).to.deep.equal(["PUT /companies", "PUT /deals", "PUT /lineitems"]);
      expect(summary.models.deal).to.include({ created: 2 });
      expect(summary.models.lineitem).to.include({ created: 3 });
      expect(await rows()).to.deep.equal(all());
      expect(published()).to.deep.equal(all());

      const deal = setting.objects("deals").get(String(dealId))!;
      expect(deal).to.include({ name: "Rollout", stage: "Closed Won", currency: "EUR", closeDate: "2026-03-01" });
      const items = setting.objects("lineitems");
      expect(items.get(String(seats))).to.include({
        ...{ dealId: deal["_id"], name: "Seats", type: "subscription", fromDate: "2026-04-01", toDate: "2027-03-31" },
        ...{ length: 12, fixedPeriod: true, mrr: 100, currency: "EUR" },
      });
      expect(items.get(String(training))).to.include({
        type: "fee",
        fromDate: "2026-03-01",
        value: 500,
        currency: "USD",
      });
      expect(items.get(`deal-${plain}`)).to.include({ name: "Plain", fromDate: "2026-01-31", value: 500 });
      expect(await audited()).to.deep.equal([]);
      setting.writes();
      const again = await setting.sync("--full");
      expect(again.models.lineitem).to.include({ created: 0, updated: 0, unchanged: 3 });
      expect(setting.writes()).to.deep.equal([]);
    });

    it("tell where a row comes from: explain, preview, history, query and status", async () => {
      const about = await json<Record<string, unknown>>("explain", "deal_products", String(seats));
      expect(about).to.deep.include({ eligible: true, model: "lineitem", action: "unchanged" });
      const ofDeal = await json<Record<string, unknown>>("explain", "deals", String(plain));
      expect(ofDeal).to.deep.include({ eligible: true, model: "deal", action: "unchanged" });
      expect(ofDeal["line_item"]).to.deep.include({ source_id: `deal-${plain}` });
      const preview = await json<Record<string, unknown>>("mapping", "preview", "deal_products", String(training));
      expect(preview).to.deep.include({ model: "lineitem", action: "unchanged", skipped: null });
      for (const words of [
        ["deal_products", String(seats)],
        ["lineitem", `deal-${plain}`],
        ["deals", String(plain)],
      ]) {
        expect((await setting.run(["history", ...words])).stdout, words.join(" ")).to.contain("created");
      }
      const { stdout } = await setting.run([
        "query",
        "select d.source_id, i.source_id as item from planhat.lineitems i join planhat.deals d on d.id = i.deal_id order by 2",
        "--format",
        "csv",
      ]);
      expect(stdout).to.contain(`${plain},deal-${plain}`);
      expect((await setting.run(["status"])).status).to.equal(0);
    });

    it("follow their deal: a removed product's line item stays, and is told", async () => {
      store().update(dealId, training, { billing_frequency: "monthly", item_price: 600 });
      await setting.sync();
      expect(setting.objects("lineitems").get(String(training))).to.include({ type: "subscription", mrr: 600 });
      store().remove(dealId, training);
      const summary = await setting.sync();
      expect(summary.kept).to.deep.equal({ deleted: 1 });
      expect(published()).to.deep.equal(all());
      store().remove(dealId, seats);
      expect((await setting.sync("--full")).kept).to.deep.equal({ deleted: 2 });
      expect(await rows(), "none is made of the deal while they are there").to.deep.equal(all());
      const kept = await audited();
      expect(kept.map((one) => one.kind)).to.deep.equal(["kept", "kept"]);
    });

    it("give way to those of products, and undo brings them back", async () => {
      const added = setting.sandbox.store.products.add(plain, {
        product_id: 3,
        name: "New",
        item_price: 9,
        currency: "EUR",
      });
      await setting.sync();
      const now = all()
        .filter((name) => name !== `lineitem deal-${plain}`)
        .concat(`lineitem ${added["id"]}`)
        .toSorted();
      expect(await rows()).to.deep.equal(now);
      expect(published()).to.deep.equal(now);
      const undo = await json<Record<string, unknown>>("undo", "last", "--yes");
      expect(undo).to.deep.include({ kept: [] });
      expect(await rows()).to.deep.equal(all());
      expect(published()).to.deep.equal(all());
      await json("undo", String(undo["run"]), "--yes");
      expect(await rows(), "the undo undone").to.deep.equal(now);
      expect(published()).to.deep.equal(now);
    });

    it("stay as they are when their deal is lost, and end that day with `when_lost: end`", async () => {
      setting.sandbox.store.update("deals", dealId, { status: "lost", lost_time: "2026-06-15 10:00:00" });
      expect((await setting.sync()).kept).to.deep.equal({ not_won: 3 });
      setting.configure("when_lost: end\n");
      await setting.sync();
      const [row] = await setting.look<{ to_date: string }>(
        "select to_date::text from planhat.lineitems where source_id = $1",
        [String(seats)],
      );
      expect(row?.to_date).to.equal("2026-06-15");
      expect(setting.objects("lineitems").get(String(seats))).to.include({ toDate: "2026-06-15" });
    });
  });
});
