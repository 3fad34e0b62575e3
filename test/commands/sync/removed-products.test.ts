import { expect } from "chai";
import { onServerFirst } from "../../databases.ts";
import { dealFiles, otherFiles } from "../../deal-models.ts";
import { type PlanhatSync, planhatSync } from "../../planhat-sync.ts";
import { emptyAccount, wonDeal } from "../../sandbox-sync.ts";

const perProduct = {
  "deals.yaml": `stream: deals
start_date: [won_time]
models:
  - model: none
    when: {products: some}
  - model: license
    fields:
      - {planhat: _currency, pipedrive: currency}
      - {planhat: fromDate, pipedrive: $start_date}
`,
  "deal_products.yaml": `stream: deal_products
models:
  - model: license
    fields:
      - {planhat: _currency, pipedrive: currency}
      - {planhat: fromDate, pipedrive: $period.first_day}
      - {planhat: product, pipedrive: name}
`,
};

describe("a product that is removed from its deal, or moved to another one", function () {
  this.timeout(600_000);
  onServerFirst((kind) => {
    let setting: PlanhatSync;
    afterEach(() => setting.close());

    const product = (dealId: number, values: Record<string, string | number | null>) =>
      setting.sandbox.store.products.add(dealId, { currency: "EUR", item_price: 100, ...values })["id"] as number;
    const bareDeal = (title: string) => {
      const { dealId } = wonDeal(setting.sandbox, { title, won_time: "2026-03-01T00:00:00Z" });
      for (const { id } of setting.sandbox.store.products.of(dealId)) {
        setting.sandbox.store.products.remove(dealId, Number(id));
      }
      return dealId;
    };
    const undo = async (run: string) => {
      const { status, stdout, stderr } = await setting.run(["undo", run, "--yes", "--json"]);
      expect(status, stderr).to.equal(0);
      return JSON.parse(stdout) as { run: string; kept: unknown[]; restored: number };
    };

    it("keeps its line item, and ends it that day with `when_removed: end`; undo takes the end back", async () => {
      let now = new Date("2026-11-10T12:00:00Z");
      setting = await planhatSync(kind, { revenue: "deals" }, { ...emptyAccount, clock: () => now });
      setting.map({ ...otherFiles, ...dealFiles });
      const { store } = setting.sandbox;
      const dealId = bareDeal("Rollout");
      const seats = product(dealId, { name: "Seats", billing_frequency: "monthly" });
      const year = { billing_frequency: "monthly", billing_frequency_cycles: 12 };
      const support = product(dealId, { name: "Support", ...year });
      const training = product(dealId, { name: "Training" });
      const stays = product(dealId, { name: "Stays", ...year });
      await setting.sync();
      const ends = () =>
        [seats, support, training, stays].map((id) => setting.objects("lineitems").get(String(id))?.["toDate"] ?? null);
      const planned = [null, "2027-02-28", null, "2027-02-28"];
      expect(ends()).to.deep.equal(planned);

      for (const id of [seats, support, training]) store.products.remove(dealId, id);
      expect((await setting.sync()).kept).to.deep.equal({ deleted: 3 });
      expect(ends()).to.deep.equal(planned);
      setting.configure("when_removed: end\n");
      now = new Date("2026-11-12T12:00:00Z");
      const summary = await setting.sync();
      expect(summary.kept).to.deep.equal({ deleted: 3 });
      expect(summary.models.lineitem).to.include({ updated: 2 });
      const [{ day } = { day: "" }] = await setting.look<{ day: string }>(
        "select min(since at time zone 'UTC')::date::text as day from connector.kept",
      );
      const ended = [day, day, null, "2027-02-28"];
      expect(ends(), "a fee has no term").to.deep.equal(ended);
      const explained = async (id: number) =>
        (await setting.run(["explain", "deal_products", String(id)])).stdout.replaceAll(/\s+/g, " ");
      expect(await explained(seats)).to.contain(
        `\`when_removed: end\` ends it on ${day}, when the product was removed or disabled: its toDate is ${day}.`,
      );
      expect(await explained(training)).not.to.contain("ends it");
      expect((await setting.sync("--full")).models.lineitem).to.include({ updated: 0 });
      const back = await undo(summary.run);
      expect(back).to.deep.include({ restored: 2, kept: [] });
      expect(ends()).to.deep.equal(planned);
      await setting.sync("--full");
      expect(ends(), "held").to.deep.equal(planned);
      expect((await setting.run(["audit"])).status).to.equal(0);

      const line = setting.objects("lineitems").get(String(stays))!;
      const to = bareDeal("To");
      store.products.move(dealId, to);
      for (const id of [dealId, to]) store.update("deals", id, { title: `${id} merged` });
      await setting.sync();
      const moved = setting.objects("lineitems").get(String(stays))!;
      expect(moved["_id"], "the same line item").to.equal(line["_id"]);
      expect(moved["dealId"]).to.equal(setting.objects("deals").get(String(to))!["_id"]);
      expect((await setting.run(["audit"])).status).to.equal(0);
    });

    it("takes its license along to its new deal, and undo moves it back", async () => {
      setting = await planhatSync(kind);
      setting.map({ ...otherFiles, ...perProduct });
      const { store } = setting.sandbox;
      const [from, to] = [bareDeal("From"), bareDeal("To")];
      const moved = product(from, { name: "Moved" });
      const other = product(to, { name: "Other" });
      await setting.sync();
      const rows = async () =>
        (await setting.look<{ id: string }>("select source_id as id from planhat.licenses order by 1")).map(
          ({ id }) => id,
        );
      const published = () => [...setting.objects("licenses").keys()].toSorted();
      const before = [`${from}-${moved}`, `${to}-${other}`].toSorted();
      expect([await rows(), published()]).to.deep.equal([before, before]);

      store.products.move(from, to);
      for (const id of [from, to]) store.update("deals", id, { title: `${id} merged` });
      const after = [String(from), `${to}-${moved}`, `${to}-${other}`].toSorted();
      const plan = JSON.parse((await setting.run(["plan", "--json"])).stdout) as {
        changes: { action: string; model: string; source_id: string }[];
      };
      expect(plan.changes.map((one) => `${one.action} ${one.source_id}`)).to.have.members([
        `create ${from}`,
        `create ${to}-${moved}`,
        `delete ${from}-${moved}`,
      ]);
      const { run } = await setting.sync();
      expect([await rows(), published()]).to.deep.equal([after, after]);
      const audit = await setting.run(["audit"]);
      expect(audit.status, audit.stdout).to.equal(0);
      await setting.sync("--full");
      expect(await rows()).to.deep.equal(after);

      expect(await undo(run)).to.deep.include({ kept: [] });
      const back = [String(from), ...before].toSorted();
      expect([await rows(), published()]).to.deep.equal([back, back]);
      await setting.sync("--full");
      expect(await rows(), "held").to.deep.equal(back);
    });
  });
});
