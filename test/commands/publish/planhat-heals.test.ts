import { expect } from "chai";
import { onServerFirst } from "../../databases.ts";
import { audit, type Customer, customer, expectWhole, mappings } from "../../planhat-customers.ts";
import { type PlanhatSync, planhatSync } from "../../planhat-sync.ts";

onServerFirst((kind) => {
  describe("what somebody deleted in Planhat", function () {
    this.timeout(240_000);
    let setting: PlanhatSync;
    let acme: Customer;
    before(async () => {
      setting = await planhatSync(kind);
      setting.map(mappings);
      acme = customer(setting, "Acme");
      await setting.sync();
    });
    after(() => setting.close());

    it("is not looked for among what the first publication creates: a new company has no notes", () => {
      expect(setting.objects("conversations").size).to.equal(1);
      expect(setting.planhat.requests.byPath).to.not.have.property("GET /conversations");
    });

    it("is made again by the next change, a company with all that is its own", async () => {
      setting.planhat.store.deleteWhole(`srcid-${acme.organizationId}`);
      setting.sandbox.store.update("deals", acme.dealId, { value: 4711 });
      expect((await setting.sync()).status).to.equal("succeeded");
      await expectWhole(setting, acme);
      expect(setting.objects("licenses").get(String(acme.dealId))!["value"]).to.equal(4711);
    });

    it("is told by audit, and made again by sync --full without a change on our side", async () => {
      setting.planhat.store.delete("licenses", `srcid-${acme.dealId}`);
      const { status, differences } = await audit(setting);
      expect(status).to.equal(1);
      expect(differences).to.deep.equal([
        { model: "license", id: acme.dealId, kind: "not_in_planhat", reason: "unexplained" },
      ]);
      await setting.sync("--full");
      await expectWhole(setting, acme);
      expect(await audit(setting)).to.deep.equal({ status: 0, differences: [] });
    });
  });
});
