import { expect } from "chai";
import type { JsonObject } from "../../../connector/mapping/value.ts";
import { onServerFirst } from "../../databases.ts";
import { itLong } from "../../long.ts";
import { type PlanhatSync, planhatSync } from "../../planhat-sync.ts";
import { wonDeal } from "../../sandbox-sync.ts";

const texts = {
  "organizations.yaml": `stream: organizations
model: company
direction: receive
fields:
  - {planhat: name, pipedrive: name}
  - {planhat: web, pipedrive: website}
  - {planhat: custom.Tier, pipedrive: Tier}
  - {planhat: custom.Staff, pipedrive: VAT number}
`,
  "deals.yaml":
    "stream: deals\nmodel: license\nstart_date: [won_time]\nfields:\n  - {planhat: value, pipedrive: value}\n  - {planhat: _currency, pipedrive: currency}\n  - {planhat: fromDate, pipedrive: $start_date}\n",
};
const customFields = [
  { name: "Tier", parent: "Company", type: "text" },
  { name: "Staff", parent: "Company", type: "number" },
];

onServerFirst((kind) => {
  for (const checkedTypes of ["named", "unnamed"] as const) {
    describe(`a field that Planhat refuses, ${checkedTypes}`, function () {
      this.timeout(240_000);
      const further = checkedTypes === "named" ? itLong : it;
      let setting: PlanhatSync;
      let ids: number[];
      const rejections = () =>
        setting.look<{ id: number; field: string; reason: string }>(
          "select record_id::int as id, field, reason from connector.rejections where stage = 'publish' order by 1",
        );
      const fill = (id: number, staff: JsonObject[string], website = "https://acme.test") => {
        const key = setting.sandbox.store.fields.organizations.find(
          ({ field_name }) => field_name === "VAT number",
        )!.field_code;
        setting.sandbox.store.update("organizations", id, { website, custom_fields: { [key]: staff } });
      };

      before(async () => {
        setting = await planhatSync(kind, { customFields, checkedTypes });
        setting.map(texts);
        setting.configure("follow_changes: true\n");
        ids = ["Acme", "Beta", "Gamma"].map((name) => wonDeal(setting.sandbox, {}, { name }).organizationId);
        fill(ids[0]!, "many");
        fill(ids[1]!, "some");
      });
      after(() => setting.close());

      it("costs that field: the others of the company go, its licenses too, and the field is a rejection", async () => {
        const { status, planhat } = await setting.sync("--yes");
        expect(status).to.equal("partial");
        expect(planhat!.published.company).to.deep.include({ created: 3, updated: 0, rejected: 0 });
        expect(planhat!.published.license).to.deep.include({ created: 3, rejected: 0 });
        const [acme, beta, gamma] = ids.map((id) => setting.objects("companies").get(String(id))!);
        expect([acme!["web"], beta!["web"], gamma!["name"]]).to.deep.equal([
          "https://acme.test",
          "https://acme.test",
          "Gamma",
        ]);
        expect(acme!["custom"]).not.to.have.property("Staff");
        const found = await rejections();
        expect(found.map(({ id, field }) => [id, field])).to.deep.equal(
          ids.slice(0, 2).map((id) => [id, "custom.Staff"]),
        );
        expect(found[0]!.reason).to.match(
          checkedTypes === "named"
            ? /^Planhat refused it: Cast to number failed for value "many" at path "custom\.Staff"$/
            : /^Planhat refused it: Invalid value$/,
        );
      });

      further("is not sent again while nothing changes, and what else changes goes", async () => {
        setting.writes();
        await setting.sync();
        expect(setting.writes()).to.deep.equal([]);
        fill(ids[0]!, "many", "https://later.test");
        await setting.sync();
        expect(setting.objects("companies").get(String(ids[0]))!["web"]).to.equal("https://later.test");
        expect(await rejections()).to.have.length(2);
      });

      further("goes once it can be taken: after a change, or after sync --full", async () => {
        delete setting.planhat.manners.checkedTypes;
        await setting.sync("--full");
        const staff = () =>
          ids.map((id) => (setting.objects("companies").get(String(id))!["custom"] as JsonObject)["Staff"]);
        expect(staff().slice(0, 2)).to.deep.equal(["many", "some"]);
        expect(await rejections()).to.deep.equal([]);
      });
    });
  }
});
