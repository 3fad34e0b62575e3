import { expect } from "chai";
import { onServerFirst } from "../../databases.ts";
import { type TypedDeals, typedDeals, typedMapping } from "../../typed-deals.ts";

describe("an option that somebody renames or deletes in Pipedrive", () => {
  onServerFirst((kind) => {
    let setting: TypedDeals;
    beforeEach(async () => {
      setting = await typedDeals(kind);
    });
    afterEach(() => setting.close());

    it("moves and removes no row, here or in Planhat, and the sync names the new word", async () => {
      await setting.sync("--yes");
      const before = await setting.rows();
      expect(before.planhat).to.deep.equal(before.tables);
      expect(before.tables[setting.ids["One-off"]]).to.equal("sale One-off");
      setting.sandbox.store.definitions.renameOption("deals", "Deal type", "One-off", "One off");
      const { status, stderr } = await setting.ask("sync", "--full");
      expect(status, stderr).to.equal(0);
      expect(stderr).to.contain("deals.yaml:6:35: warning: `One-off` is called `One off` in Pipedrive now");
      expect(await setting.rows()).to.deep.equal(before);
      setting.map({ "deals.yaml": typedMapping("{field: Deal type, in: [Onceoff, Services]}") });
      const refused = await setting.run(["sync"]);
      expect(refused.status).to.equal(2);
      expect(refused.stderr).to.contain("deals.yaml:6:35: error: `Deal type` has no option `Onceoff`.");
      expect(await setting.rows()).to.deep.equal(before);
    });

    it("and when it is deleted, no value changes on what cannot be decided any more", async () => {
      const { definitions } = setting.sandbox.store;
      const decided = `{value: typed, when: {field: Deal type, present: true}}
      - {planhat: product, value: untyped, when: {field: Deal type, present: false}}`;
      const table = "{lookup: {One-off: O, Services: S, Subscription: R}}";
      const looked = `      - {planhat: renewalStatus, pipedrive: Deal type, transform: [${table}]}\n`;
      setting.map({ "deals.yaml": typedMapping("{field: title, is: nothing}", "", decided) + looked });
      await setting.sync("--yes");
      const look = () =>
        setting.look<{ id: string; product: string; kind: string | null }>(
          "select source_id as id, product, renewal_status as kind from planhat.licenses order by 1",
        );
      const before = await look();
      const { ids } = setting;
      const once = { id: String(ids["One-off"]), product: "typed", kind: "O" };
      expect(before)
        .to.deep.include(once)
        .and.to.deep.include({ id: String(ids.none), product: "untyped", kind: null });
      definitions.deletedOptions = "are cleared";
      definitions.deleteOption("deals", "Deal type", "One-off");
      const { status, stderr, json } = await setting.ask("sync", "--full");
      expect(status, stderr).to.equal(0);
      expect(json["status"]).to.equal("partial");
      expect(await look()).to.deep.equal(before);
      const rejected = await setting.look(
        "select record_id::int as id, field, reason from connector.rejections order by field",
      );
      expect(rejected).to.deep.equal([
        {
          id: ids["One-off"],
          field: "product",
          reason:
            "its value stays what it is: its `when` cannot be decided: its `Deal type` is empty, and its option `One-off` was deleted in Pipedrive",
        },
        {
          id: ids["One-off"],
          field: "renewalStatus",
          reason:
            "its value stays what it is: its `Deal type` is empty, and `One-off`, which the mapping names, was deleted in Pipedrive",
        },
      ]);
      expect((await setting.ask("audit")).status).to.equal(0);
      setting.setType(ids["One-off"], definitions.option("deals", "Deal type", "Services").id as number);
      await setting.sync();
      expect(await look()).to.deep.include({ ...once, kind: "S" });
      expect(await setting.look("select 1 from connector.rejections")).to.deep.equal([]);
    });
  });
});
