import { readFileSync } from "node:fs";
import { expect } from "chai";
import { onServerFirst } from "../../databases.ts";
import { dealFiles, otherFiles } from "../../deal-models.ts";
import { type PlanhatSync, planhatSync } from "../../planhat-sync.ts";
import { wonDeal } from "../../sandbox-sync.ts";

describe("what Planhat documents of deals and line items, and what it calls otherwise", function () {
  this.timeout(600_000);
  onServerFirst((kind) => {
    let setting: PlanhatSync;
    let dealId: number;
    let plain: number;
    let seats: number;
    let training: number;
    let product: unknown;
    const names = { "lineitem.dealId": "deal", "lineitem.currency": "_currency", "lineitem.length": "months" };

    before(async () => {
      setting = await planhatSync(kind, { revenue: "deals", names });
      const { store } = setting.planhat;
      product = store.create("products", {
        ...{ name: "Seats", type: "subscription", fixedPeriod: true, length: 12, mrr: 77, value: 999 },
        ...{ currency: "GBP", autoRenews: true, noticePeriod: 3 },
      })["_id"];
      setting.map({
        ...otherFiles,
        "deals.yaml": dealFiles["deals.yaml"]
          .replace("won: Closed Won", "won: Won here")
          .replace("pipedrive: title\n        - planhat: type", lookedUp)
          .replace("    fields:\n      - planhat: name\n        pipedrive: title", totalled),
        "deal_products.yaml": `${dealFiles["deal_products.yaml"]}      - {planhat: productId, value: "${product}"}\n`,
      });
      dealId = wonDeal(setting.sandbox, { title: "Rollout", won_time: "2026-03-01T00:00:00Z" }).dealId;
      plain = wonDeal(setting.sandbox, { title: "Plain", value: 500 }).dealId;
      const add = (values: Record<string, string | number | null>) =>
        setting.sandbox.store.products.add(dealId, { currency: "EUR", ...values })["id"] as number;
      seats = add({ name: "Seats", item_price: 100, billing_frequency: "monthly" });
      training = add({ name: "Training", item_price: 500 });
    });
    after(() => setting.close());

    const spell = (config: string) => {
      const file = `${setting.place.folder}/config.yaml`;
      const text = readFileSync(file, "utf8").replace(/^(planhat: \{.*?)(, names: .*)?\}$/m, `$1, names: {${config}}}`);
      setting.place.write("config.yaml", text);
    };
    const item = (id: number | string) => setting.objects("lineitems").get(String(id));
    const products = () => setting.sandbox.store.products;

    it("a name that is none is told with its place, and a sync is not started", async () => {
      spell("lineitem.dealID: deal");
      const { status, stderr } = await setting.run(["sync"]);
      expect(status, stderr).to.equal(2);
      expect(stderr).to.match(/config\.yaml:\d+:\d+/);
      expect(stderr).to.contain("`lineitem.dealID` is no property whose name may differ.");
      expect(stderr).to.contain("`lineitem.dealId`");
    });

    it("a plan says what Planhat computes, and which stage nobody there has", async () => {
      spell("lineitem.dealId: deal, lineitem.currency: _currency, lineitem.length: months");
      const { status, stdout, stderr } = await setting.run(["plan"]);
      expect(status, stderr).to.equal(0);
      expect(stdout).to.contain("The amounts of 2 deals are computed by Planhat from 3 line items, and not sent.");
      expect(stderr).to.contain("has the stage “Won here”");
    });

    it("line items are published under the tenant's names, and leave nothing to its catalogue", async () => {
      const { status, stderr } = await setting.run(["sync"]);
      expect(status, stderr).to.equal(0);
      expect(stderr).to.match(
        /No deal of Planhat \(.*\) has the stage “Won here”, and Planhat takes a word that it does not know without one\. It has: Closed Lost, Closed Won\./,
      );
      const deal = setting.objects("deals").get(String(dealId))!;
      expect(deal).to.include({ stage: "Won here" }).and.not.have.any.keys("total", "mrr");
      const common = { dealId: deal["_id"], productId: product, currency: "EUR", toDate: null, length: null };
      const renewal = { autoRenews: null, noticePeriod: null };
      expect(item(seats)).to.include({ ...common, ...renewal, type: "subscription", mrr: 100, fixedPeriod: false });
      expect(item(seats)).to.include({ value: null });
      expect(item(training)).to.include({ ...common, ...renewal, type: "fee", value: 500, mrr: null });
      expect(item(`deal-${plain}`)).to.include({ type: "subscription", value: 500, currency: "EUR" });
      setting.writes();
      const again = await setting.run(["sync", "--full"]);
      expect(again.stderr, "the stage is known now").not.to.contain("Won here");
      expect(setting.writes()).to.deep.equal([]);
    });

    it("what is cleared or changes its kind is cleared there, under the tenant's names too", async () => {
      const year = { billing_frequency: "monthly", billing_frequency_cycles: 12 };
      const once = { billing_frequency: "one-time", billing_frequency_cycles: null };
      products().update(dealId, training, { ...year, item_price: 50 });
      await setting.sync();
      expect(item(training)).to.include({ type: "subscription", mrr: 50, length: 12, value: 600 });
      products().update(dealId, training, { ...once, item_price: 60 });
      await setting.sync();
      expect(item(training)).to.include({ type: "fee", mrr: null, length: null, toDate: null, value: 60 });
    });

    it("explain says what Planhat computes, and a refused line item of a deal is told as the deal's", async () => {
      const { stdout } = await setting.run(["explain", "deals", String(dealId)]);
      expect(stdout.replaceAll(/\s+/g, " ")).to.contain(
        "Its mrr, arr and total are computed by Planhat from 2 line items, and not sent.",
      );
      const odd = wonDeal(setting.sandbox, { title: "Odd", value: 5 }).dealId;
      for (const { id } of products().of(odd)) products().remove(odd, Number(id));
      await setting.sync();
      const text = await setting.run(["rejections", "list", "--stream", "deals", "--record", String(odd)]);
      expect(text.stdout).to.match(new RegExp(`deals ${odd} \\(its line item\\) +lineitem +name +"Odd" is not in`));
      const json = await setting.run(["rejections", "list", "--json"]);
      const [one] = JSON.parse(json.stdout) as Record<string, unknown>[];
      expect(one).to.include({ stream: "deals", record_id: odd, model: "lineitem", field: "name" });
      expect((await setting.run(["rejections", "list", "--stream", "deal_products"])).stdout).to.contain("Nothing");
    });
  });
});

const lookedUp = "pipedrive: title\n          transform: [{lookup: {Plain: Plain}}]\n        - planhat: type";
const totalled =
  "    fields:\n      - {planhat: total, pipedrive: value}\n      - planhat: name\n        pipedrive: title";
