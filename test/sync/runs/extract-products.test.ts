import { expect } from "chai";
import type { Sandbox } from "../../../connector/sandbox/server.ts";
import { onServerFirst } from "../../databases.ts";
import { emptyAccount, type SandboxSync, sandboxSync, wonDeal } from "../../sandbox-sync.ts";

const deals = `stream: deals
start_date: [won_time]
models:
  - model: license
    fields:
      - {planhat: _currency, pipedrive: currency}
      - {planhat: fromDate, pipedrive: $start_date}
`;
const others = {
  "organizations.yaml": "stream: organizations\nmodel: company\nfields:\n  - {planhat: name, pipedrive: name}\n",
  "persons.yaml": "stream: persons\nfields:\n  - {planhat: email, pipedrive: emails.primary}\n",
  "notes.yaml": "stream: notes\nfields:\n  - {planhat: description, pipedrive: content}\n",
};
const products = `stream: deal_products
model: license
fields:
  - {planhat: _currency, pipedrive: currency}
  - {planhat: fromDate, pipedrive: $period.first_day}
`;

describe("the products of deals, read by a sync", function () {
  this.timeout(300_000);
  onServerFirst((kind) => {
    let setting: SandboxSync;
    let asked: string[] = [];
    before(async () => {
      setting = await sandboxSync(kind, {
        ...emptyAccount,
        burstLimit: 10_000,
        intercept: ({ path, query }) => {
          if (path === "/api/v2/deals/products") asked.push(String(query.get("deal_ids")));
          return undefined;
        },
      });
      setting.map({ ...others, "deals.yaml": deals });
    });
    after(() => setting.close());

    const store = (): Sandbox["store"] => setting.sandbox.store;
    const landed = () =>
      setting.look<{ id: string; name: string; deleted: boolean }>(
        "select id, record->>'name' as name, deleted from pipedrive.deal_products order by id",
      );
    const sync = async (...options: string[]) => {
      asked = [];
      return await setting.sync(...options);
    };

    it("are asked for where a mapping file does, of eligible deals that changed, and are marked when they go", async () => {
      const first = wonDeal(setting.sandbox).dealId;
      const second = wonDeal(setting.sandbox).dealId;
      const open = wonDeal(setting.sandbox, { status: "open" }).dealId;
      const [seats, training] = [first, first, open].map((id) =>
        store().products.add(id, { product_id: 1, item_price: 5 }),
      );
      await sync();
      expect(asked, "no mapping file asks").to.deep.equal([]);

      setting.map({ "deal_products.yaml": products });
      const summary = await sync();
      expect(asked).to.deep.equal([`${first},${second}`]);
      expect(summary.streams["deal_products"]).to.include({ read: 2 });
      expect((await landed()).map(({ id }) => Number(id))).to.deep.equal([seats!["id"], training!["id"]]);

      await sync();
      expect(asked, "nothing changed").to.deep.equal([]);

      store().products.remove(first, training!["id"] as number);
      store().products.add(second, { product_id: 2, item_price: 7 });
      const later = await sync();
      expect(asked).to.deep.equal([`${first},${second}`]);
      expect(later.streams["deal_products"]).to.include({ deleted: 1 });
      expect((await landed()).map(({ deleted }) => deleted)).to.deep.equal([false, true, false]);
    });

    it("are read by --full though their deal did not change, and by --company", async () => {
      store().products.manners.touchesDeal = false;
      const [deal] = store().find("deals", ({ status }) => status === "won");
      const { id } = store().products.add(deal!["id"] as number, { product_id: 3, item_price: 9 });
      await sync();
      expect(asked, "no list tells of it").to.deep.equal([]);
      await sync("--full");
      expect((await landed()).map((one) => Number(one.id))).to.include(id);
      store().products.update(deal!["id"] as number, id as number, { name: "Renamed" });
      await sync("--company", String(deal!["org_id"]));
      expect((await landed()).find((one) => Number(one.id) === id)?.name).to.equal("Renamed");
      store().products.manners.touchesDeal = true;
    });

    it("of the other deals are read where Pipedrive refuses one", async () => {
      store().products.manners.unknownDeals = 404;
      const gone = wonDeal(setting.sandbox).dealId;
      const ids = [1, 2, 3].map(() => wonDeal(setting.sandbox).dealId);
      const made = ids.map((id) => store().products.add(id, { product_id: 1, item_price: 5 })["id"]);
      const hiding = store().collections.deals;
      const find = hiding.get.bind(hiding);
      // The deal is listed, and gone when its products are asked for.
      hiding.get = (id) => (id === gone && asked.length > 0 ? undefined : find(id));
      await sync();
      hiding.get = find;
      expect(asked.length).to.be.greaterThan(1);
      expect((await landed()).map(({ id }) => Number(id))).to.include.members(made);
    });
  });
});
