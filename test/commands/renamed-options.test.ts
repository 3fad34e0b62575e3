import { expect } from "chai";
import { onServerFirst } from "../databases.ts";
import { type TypedDeals, typedDeals, typedMapping } from "../typed-deals.ts";

describe("an option that somebody renames in Pipedrive", () => {
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
  });
});
