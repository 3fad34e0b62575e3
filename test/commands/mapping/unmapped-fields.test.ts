import { expect } from "chai";
import { onServerFirst } from "../../databases.ts";
import { planhatSync } from "../../planhat-sync.ts";
import { wonDeal } from "../../sandbox-sync.ts";

const organizations = (fields: string) =>
  `stream: organizations\nmodel: company\nfields:\n  - {planhat: name, pipedrive: name}\n${fields}`;
const deals = (fields: string) =>
  `stream: deals\nstart_date: [won_time]\nmodel: license\nfields:\n  - {planhat: _currency, pipedrive: currency}\n  - {planhat: fromDate, pipedrive: $start_date}\n${fields}`;

describe("a field that is taken out of the mapping", () => {
  onServerFirst((kind) => {
    it("keeps its values, which is told; --clear-unmapped clears what the connector wrote", async () => {
      const setting = await planhatSync(kind, {
        customFields: [{ name: "Site", type: "text", parent: "company" }],
      });
      const rows = () =>
        setting.look(
          `select c.city, c.custom->'Site' as site, c.custom ? 'Site' as known, l.product from planhat.companies as c
           join planhat.licenses as l on l.company_id = c.id order by c.id`,
        );
      setting.map({
        "organizations.yaml": organizations(
          "  - {planhat: city, pipedrive: address.locality}\n  - {planhat: custom.Site, pipedrive: website}\n",
        ),
        "deals.yaml": deals("  - {planhat: product, pipedrive: title}\n"),
      });
      try {
        const given = { website: "https://a.example", address: { value: "Bergen", locality: "Bergen" } };
        const { organizationId } = wonDeal(setting.sandbox, {}, given);
        const { dealId } = wonDeal(setting.sandbox, {}, { ...given, website: null });
        const third = wonDeal(
          setting.sandbox,
          { title: "Third" },
          { name: "Third", website: null, address: null },
        ).dealId;
        await setting.sync("--yes");
        setting.sandbox.store.update("deals", third, { title: "Third deal" });
        await setting.sync();
        expect((await setting.run(["mapping", "check"])).stdout).not.to.include("No longer mapped");
        // A user's own value is not one of the connector's.
        await setting.look("update planhat.companies set city = 'Oslo' where source_id = $1", [String(organizationId)]);
        await setting.look("update planhat.licenses set product = 'Own words' where source_id = $1", [String(dealId)]);
        // A user's change of another field does not affect the last value known to be the connector's.
        await setting.look("update planhat.licenses set value = 1 where source_id = $1", [String(third)]);

        setting.map({ "organizations.yaml": organizations(""), "deals.yaml": deals("") });
        const told =
          "No longer mapped, and kept as the connector wrote them: city of company (1 row), custom.Site of company (1 row), product of license (2 rows).\n";
        // Before and after the next run alike: a field is unmapped as soon as the file says so.
        expect((await setting.run(["plan"])).stdout).to.include(told);
        await setting.sync();
        for (const command of [["mapping", "check"], ["status"], ["plan"], ["remap"]]) {
          const { stdout, status } = await setting.run(command);
          expect(status, stdout).to.equal(0);
          expect(stdout, command.join(" ")).to.include(told);
        }
        const { unmapped } = JSON.parse((await setting.run(["status", "--json"])).stdout);
        expect(unmapped).to.deep.equal([
          { model: "company", field: "city", rows: 1 },
          { model: "company", field: "custom.Site", rows: 1 },
          { model: "license", field: "product", rows: 2 },
        ]);
        const before = await rows();
        const held = await setting.run(["remap", "--clear-unmapped"]);
        expect(held.stdout).to.include("Waits for approval:\n  1 row in which city of company is to be cleared\n");
        expect(held.stdout).to.include("  `pipedrive-planhat remap --clear-unmapped --yes` does it.\n");
        expect(await rows()).to.deep.equal(before);
        const waits = JSON.parse((await setting.run(["status", "--json"])).stdout).held;
        expect(waits.map(({ what, count }: { what: string; count: number }) => `${count} ${what}`)).to.deep.equal([
          "1 row in which city of company is to be cleared",
          "1 row in which custom.Site of company is to be cleared",
          "2 rows in which product of license is to be cleared",
        ]);

        const cleared = await setting.run(["remap", "--clear-unmapped", "--yes"]);
        expect(cleared.status, cleared.stderr).to.equal(0);
        expect(cleared.stdout).to.include(
          "Cleared: city of company (1 row), custom.Site of company (1 row), product of license (2 rows).\n",
        );
        expect(await rows()).to.deep.equal([
          { city: "Oslo", site: null, known: true, product: null },
          { city: null, site: null, known: true, product: "Own words" },
          { city: null, site: null, known: true, product: null },
        ]);
        expect(setting.objects("licenses").get("1")).to.include({ product: null });
        const status = (await setting.run(["status"])).stdout;
        expect(status).not.to.include("No longer mapped");
        expect(status).not.to.include("Waits for approval");
        const { models } = await setting.sync("--full");
        expect(models.company).to.include({ updated: 0 });
        expect((await setting.run(["audit"])).status).to.equal(0);
      } finally {
        await setting.close();
      }
    });
  });
});
