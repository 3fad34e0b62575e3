import { expect } from "chai";
import { onServerFirst } from "../../databases.ts";
import { type PlanhatSync, planhatSync } from "../../planhat-sync.ts";
import { wonDeal } from "../../sandbox-sync.ts";

const others = {
  "organizations.yaml": "stream: organizations\nmodel: company\nfields:\n  - {planhat: name, pipedrive: name}\n",
  "persons.yaml": "stream: persons\nfields:\n  - {planhat: email, pipedrive: emails.primary}\n",
  "notes.yaml": "stream: notes\nfields:\n  - {planhat: description, pipedrive: content}\n",
};
const oneForTheDeal = `stream: deals
start_date: [won_time]
models:
  - model: license
    fields:
      - {planhat: _currency, pipedrive: currency}
      - {planhat: fromDate, pipedrive: $start_date}
      - {planhat: product, pipedrive: title}
`;
const oneForEach = oneForTheDeal.replace("models:\n", "models:\n  - model: none\n    when: {products: some}\n");
const products = `stream: deal_products
models:
  - model: sale
    when: {field: billing_frequency, is: one-time}
    fields:
      - {planhat: _currency, pipedrive: currency}
      - {planhat: salesDate, pipedrive: $period.first_day}
      - {planhat: product, pipedrive: name}
      - {planhat: value, pipedrive: sum}
  - model: license
    fields:
      - {planhat: _currency, pipedrive: currency}
      - {planhat: fromDate, pipedrive: $period.first_day}
      - {planhat: toDate, pipedrive: $period.last_day}
      - {planhat: product, pipedrive: "$deal.title", transform: [{template: "{value}"}]}
      - {planhat: mrr, pipedrive: $period.mrr}
`;

describe("products of deals as licenses and sales", function () {
  this.timeout(600_000);
  onServerFirst((kind) => {
    let setting: PlanhatSync;
    let dealId: number;
    let other: number;
    let seats: number;
    let training: number;

    before(async () => {
      setting = await planhatSync(kind);
      setting.map({ ...others, "deals.yaml": oneForTheDeal });
      dealId = wonDeal(setting.sandbox, { title: "Rollout", won_time: "2026-03-01T00:00:00Z" }).dealId;
      other = wonDeal(setting.sandbox, { title: "Plain" }).dealId;
      const add = (values: Record<string, string | number | null>) =>
        setting.sandbox.store.products.add(dealId, values)["id"] as number;
      seats = add({
        ...{ product_id: 1, name: "Seats", item_price: 1200, quantity: 1, currency: "EUR" },
        ...{ billing_frequency: "annually", billing_frequency_cycles: 1, billing_start_date: "2026-04-01" },
      });
      training = add({ product_id: 2, name: "Training", item_price: 500, currency: "EUR" });
    });
    after(() => setting.close());

    const store = () => setting.sandbox.store.products;
    const rows = async () => {
      const found = await setting.look<{ model: string; source_id: string }>(
        `select 'license' as model, source_id from planhat.licenses
         union all select 'sale', source_id from planhat.sales order by 1, 2`,
      );
      return found.map(({ model, source_id }) => `${model} ${source_id}`);
    };
    const published = () =>
      [...setting.objects("licenses").keys()]
        .map((id) => `license ${id}`)
        .concat([...setting.objects("sales").keys()].map((id) => `sale ${id}`))
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
    const named = () => ({
      deal: `license ${dealId}`,
      plain: `license ${other}`,
      seats: `license ${dealId}-${seats}`,
      training: `sale ${dealId}-${training}`,
    });

    it("take the place of their deal's license, first in the plan, then in tables and Planhat", async () => {
      await setting.sync();
      const { deal, plain, seats: license, training: sale } = named();
      expect(await rows()).to.deep.equal([deal, plain].toSorted());
      expect(published()).to.deep.equal([deal, plain].toSorted());

      setting.map({ "deals.yaml": oneForEach, "deal_products.yaml": products });
      const check = await setting.run(["mapping", "check"]);
      expect(check.status, check.stderr).to.equal(0);
      expect(check.stdout + check.stderr).not.to.contain("makes no rows");
      type Plan = { changes: { model: string; source_id: string; action: string }[] };
      const { changes } = await json<Plan>("plan");
      expect(changes.map((one) => `${one.action} ${one.model} ${one.source_id}`)).to.have.members([
        `delete ${deal}`,
        `create ${license}`,
        `create ${sale}`,
      ]);

      const summary = await setting.sync();
      expect(await rows()).to.deep.equal([plain, license, sale].toSorted());
      expect(published()).to.deep.equal([plain, license, sale].toSorted());
      expect(summary.models.license).to.include({ created: 1 });
      expect(summary.models.sale).to.include({ created: 1 });
      const [row] = await setting.look(
        `select from_date::text, to_date::text, mrr::text, product, company_id is not null as has_company
         from planhat.licenses where source_id = $1`,
        [`${dealId}-${seats}`],
      );
      expect(row).to.deep.include({
        from_date: "2026-04-01",
        to_date: "2027-03-31",
        mrr: "100",
        product: "Rollout",
        has_company: true,
      });
      expect(await audited()).to.deep.equal([]);
      const again = await setting.sync("--full");
      expect(again.models.license).to.include({ created: 0, updated: 0 });
      expect(await rows()).to.deep.equal([plain, license, sale].toSorted());
    });

    it("tell where a row comes from: explain, preview, history and status", async () => {
      const about = await json<Record<string, unknown>>("explain", "deal_products", String(seats));
      expect(about).to.deep.include({ eligible: true, model: "license", action: "unchanged" });
      expect(about["row"]).to.include({ source_id: `${dealId}-${seats}` });
      const ofDeal = await json<Record<string, unknown>>("explain", "deals", String(dealId));
      expect(ofDeal).to.deep.include({ eligible: true, model: null, row: null, reasons: ["no_row"] });
      // No product has the deal's id, and the deal's row is none of its own.
      const unknown = await json<Record<string, unknown>>("explain", "deal_products", String(other));
      expect(unknown).to.deep.include({ landed: null, row: null, kept: false });
      const preview = await json<Record<string, unknown>>("mapping", "preview", "deal_products", String(training));
      expect(preview).to.deep.include({ model: "sale", action: "unchanged", skipped: null });
      type History = { events: { what: string; because?: unknown }[] };
      const history = await setting.run(["history", "license", String(dealId)]);
      expect(history.stdout).to.contain("its deal's products are rows now");
      expect((await setting.run(["history", "deal_products", String(seats)])).stdout).to.contain("created");
      await json<History>("history", "license", `${dealId}-${seats}`);
      expect((await setting.run(["status"])).status).to.equal(0);
    });

    it("change model with their billing, and are kept when they are disabled or removed", async () => {
      store().update(dealId, training, { billing_frequency: "monthly", item_price: 600 });
      await setting.sync();
      const { plain, seats: license } = named();
      const moved = `license ${dealId}-${training}`;
      expect(await rows()).to.deep.equal([plain, license, moved].toSorted());
      expect(published()).to.deep.equal([plain, license, moved].toSorted());

      store().update(dealId, training, { is_enabled: false, item_price: 700 });
      const summary = await setting.sync();
      expect(summary.streams.deal_products?.skipped).to.deep.include({ not_enabled: 1 });
      expect(summary.kept).to.deep.equal({ not_enabled: 1 });
      expect(await rows()).to.deep.equal([plain, license, moved].toSorted());
      const about = await json<Record<string, unknown>>("explain", "deal_products", String(training));
      expect(about).to.deep.include({ eligible: false, kept: true, reasons: ["not_enabled"] });
      expect(await audited()).to.deep.include({
        model: "license",
        id: `${dealId}-${training}`,
        kind: "kept",
        reason: "kept though it does not sync any more: not_enabled",
      });

      store().remove(dealId, training);
      expect((await setting.sync("--full")).kept).to.deep.equal({ deleted: 1 });
      expect(await rows()).to.deep.equal([plain, license, moved].toSorted());
    });

    it("give way to one license when the deal has none any more, and undo brings them back", async () => {
      store().remove(dealId, seats);
      await setting.sync();
      const { deal, plain, seats: license } = named();
      const moved = `license ${dealId}-${training}`;
      expect(await rows()).to.deep.equal([deal, plain].toSorted());
      expect(published()).to.deep.equal([deal, plain].toSorted());
      expect(await audited()).to.deep.equal([]);

      const undo = await json<Record<string, unknown>>("undo", "last", "--yes");
      expect(undo).to.deep.include({ restored: 2, kept: [] });
      expect(await rows()).to.deep.equal([plain, license, moved].toSorted());
      expect(published()).to.deep.equal([plain, license, moved].toSorted());
      const held = await setting.sync("--full");
      expect(await rows(), "held").to.deep.equal([plain, license, moved].toSorted());
      expect(held.holds).to.be.greaterThan(0);

      await json("undo", String(undo["run"]), "--yes");
      expect(await rows(), "the undo undone").to.deep.equal([deal, plain].toSorted());
      expect(published()).to.deep.equal([deal, plain].toSorted());
    });

    it("stay as the rows of a deal that is no longer won", async () => {
      const added = store().add(dealId, { product_id: 3, name: "Again", item_price: 9, currency: "EUR" })["id"];
      await setting.sync();
      const sale = `sale ${dealId}-${added}`;
      expect(await rows()).to.deep.equal([named().plain, sale].toSorted());
      setting.sandbox.store.update("deals", dealId, { status: "lost" });
      const summary = await setting.sync();
      expect(summary.kept).to.deep.equal({ not_won: 1 });
      expect(await rows()).to.deep.equal([named().plain, sale].toSorted());
      setting.sandbox.store.update("deals", dealId, { status: "won", won_time: "2026-03-01 00:00:00" });
      expect((await setting.sync()).kept).to.deep.equal({});
    });
  });
});
