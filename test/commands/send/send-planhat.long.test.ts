import { expect } from "chai";
import type { Json, JsonObject } from "../../../connector/mapping/value.ts";
import type { Intercept } from "../../../connector/sandbox/pipedrive/app.ts";
import { failingSync, type PlanhatSync, planhatSync } from "../../planhat-sync.ts";
import { emptyAccount, sandboxSync, wonDeal } from "../../sandbox-sync.ts";

const organizations = (head: string) => `stream: organizations
model: company
${head}
fields:
  - {planhat: name, pipedrive: name}
  - {planhat: city, pipedrive: address.locality}
  - {planhat: web, pipedrive: website}
  - {planhat: custom.Tier, pipedrive: Tier}
`;
const deals = `stream: deals
model: license
start_date: [won_time]
fields:
  - {planhat: value, pipedrive: value}
  - {planhat: _currency, pipedrive: currency}
  - {planhat: fromDate, pipedrive: $start_date}
`;

for (const kind of ["embedded", "server"] as const) {
  describe(`companies of a Planhat tenant and Pipedrive, on ${kind === "embedded" ? "the embedded database" : "a server"}`, function () {
    this.timeout(1_200_000);
    let place: PlanhatSync;
    let intercept: Intercept = () => undefined;
    const map = (head: string) => place.map({ "organizations.yaml": organizations(head), "deals.yaml": deals });
    const patches = () => place.sandbox.requests.writes.map(({ path, body }) => [path.split("/").at(-1), body]);
    const company = (id: number): JsonObject => place.planhat.store.find("companies", `srcid-${id}`)!;
    const row = async (id: number) =>
      (
        await place.look<JsonObject>("select name, city, web from planhat.companies where source_id = $1", [String(id)])
      )[0];
    const conflicts = (id: number) =>
      place.look("select field, pipedrive, planhat, winner from connector.conflicts where record_id = $1 order by id", [
        id,
      ]);

    beforeEach(async () => {
      intercept = () => undefined;
      place = await planhatSync(kind, {}, { ...emptyAccount, intercept: (request) => intercept(request) });
    });
    afterEach(() => place.close());

    for (const direction of ["both", "send"] as const) {
      it(`direction: ${direction}: an edit made in Planhat is in the row and in Pipedrive after one sync`, async () => {
        map("direction: both");
        const { organizationId: id } = wonDeal(
          place.sandbox,
          {},
          { name: "Acme", website: "https://acme.test", address: { value: "Riga 1", locality: "Riga" } },
        );
        await place.sync("--yes");
        map(`direction: ${direction}`);
        await place.sync("--yes");
        place.writes();
        place.planhat.store.update("companies", `srcid-${id}`, {
          name: "Acme in Planhat",
          city: "",
          custom: { Tier: "Gold" },
        });
        const planned = await place.run(["plan"]);
        expect(planned.stdout).to.include(`→ Pipedrive organization ${id}`).and.include(`"Acme" → "Acme in Planhat"`);
        expect(patches()).to.deep.equal([]);
        const { planhat, sent, status } = await place.sync();
        expect([status, planhat?.received.companies, sent.organizations.updated]).to.deep.equal(["succeeded", 1, 1]);
        const tier = place.sandbox.store.fields.organizations.find(({ field_name }) => field_name === "Tier")!;
        expect(patches()).to.deep.equal([
          [
            String(id),
            {
              name: "Acme in Planhat",
              address: { value: "Riga 1" },
              custom_fields: { [tier.field_code]: tier.options!.find(({ label }) => label === "Gold")!.id },
            },
          ],
        ]);
        expect(await row(id)).to.deep.equal({ name: "Acme in Planhat", city: null, web: "https://acme.test" });
        expect(place.writes()).to.deep.equal([]);
        // The direction decides whether Pipedrive's change is received; Planhat's value stays.
        place.sandbox.store.update("organizations", id, { website: "https://pipedrive.test" });
        await place.sync("--full");
        const web = direction === "both" ? "https://pipedrive.test" : "https://acme.test";
        expect(await row(id)).to.include({ name: "Acme in Planhat", web });
        expect(company(id)["web"]).to.equal(web);
        expect(patches()).to.have.length(1);
      });
    }

    for (const prefer of ["pipedrive", "planhat", "newest"] as const) {
      it(`prefer: ${prefer}: companies that Planhat had before are adopted with the values that prefer says`, async () => {
        map(`direction: both\nprefer: ${prefer}`);
        const { organizationId: id } = wonDeal(
          place.sandbox,
          {},
          { name: "In Pipedrive", website: null, address: { value: "Riga 1", locality: "" } },
        );
        place.planhat.store.create("companies", {
          sourceId: String(id),
          name: "In Planhat",
          web: "https://planhat.test",
          city: "Bergen",
        });
        // The last write was to the sandbox's Planhat.
        const winner = prefer === "pipedrive" ? "pipedrive" : "planhat";
        const first = await place.sync("--yes");
        expect(first.planhat?.received.companies).to.equal(1);
        expect(patches(), "a plan shows it before it goes to Pipedrive").to.deep.equal([]);
        const name = winner === "planhat" ? "In Planhat" : "In Pipedrive";
        const web = winner === "planhat" ? "https://planhat.test" : null;
        expect(await row(id)).to.deep.equal({ name, city: "Bergen", web });
        expect(company(id)).to.include({ name, web, city: "Bergen" });
        expect(place.planhat.store.all("companies")).to.have.length(1);
        expect(await conflicts(id)).to.deep.equal([
          { field: "name", pipedrive: "In Pipedrive", planhat: "In Planhat", winner },
          { field: "web", pipedrive: null, planhat: "https://planhat.test", winner },
        ]);
        expect((await place.run(["plan"])).stdout).to.include(`→ Pipedrive organization ${id}`);
        await place.sync();
        const address = { value: "Riga 1", locality: "Bergen" };
        const body: Json = winner === "planhat" ? { name, address, website: web } : { address };
        expect(patches()).to.deep.equal([[String(id), body]]);
        place.writes();
        await place.sync();
        expect([patches().length, place.writes()]).to.deep.equal([1, []]);
      });
    }

    it("more companies than are asked for one by one are adopted from the list", async () => {
      map("direction: both\nprefer: planhat");
      const ids = Array.from({ length: 25 }, (_, index) => {
        const { organizationId } = wonDeal(place.sandbox, {}, { name: `Organization ${index}` });
        place.planhat.store.create("companies", { sourceId: String(organizationId), name: `Company ${index}` });
        return organizationId;
      });
      const { planhat } = await place.sync("--yes");
      expect(planhat?.received.companies).to.equal(25);
      expect(planhat?.requests.count).to.be.lessThan(10);
      expect(place.planhat.store.all("companies")).to.have.length(25);
      expect((await place.sync()).sent.organizations.updated).to.equal(25);
      expect(place.sandbox.store.get("organizations", ids[7]!)!["name"]).to.equal("Company 7");
    });

    it("create_in_pipedrive: a company that was made in Planhat becomes one organization, and stays one company", async () => {
      map("direction: both\ncreate_in_pipedrive: true");
      const { organizationId: known } = wonDeal(place.sandbox, {}, { name: "Known" });
      await place.sync("--yes");
      const made = place.planhat.store.create("companies", {
        name: "Born in Planhat",
        web: "https://born.test",
        custom: { Tier: "Silver" },
      });
      expect((await place.run(["plan"])).stdout)
        .to.include("Born in Planhat")
        .and.include("1 to send to Pipedrive");
      const { sent, planhat } = await place.sync();
      expect([sent.organizations.created, planhat?.received.companies]).to.deep.equal([1, 1]);
      const [organization, ...others] = place.sandbox.store.find(
        "organizations",
        ({ name }) => name === "Born in Planhat",
      );
      expect([organization!["website"], others]).to.deep.equal(["https://born.test", []]);
      const companies = place.planhat.store.all("companies");
      expect(companies.map(({ _id, name, sourceId }) => [_id, name, sourceId])).to.deep.equal([
        [company(known)["_id"], "Known", String(known)],
        [made["_id"], "Born in Planhat", String(organization!["id"])],
      ]);
      place.planhat.store.update("companies", String(made["_id"]), { city: "Tartu" });
      place.writes();
      expect((await place.sync()).sent.organizations).to.deep.equal({ created: 0, updated: 1, conflicts: 0 });
      await place.sync();
      expect([place.planhat.store.all("companies").length, place.writes()]).to.deep.equal([2, []]);
      expect(
        await place.look("select source_id, city from planhat.companies where name = 'Born in Planhat'"),
      ).to.deep.equal([{ source_id: String(organization!["id"]), city: "Tartu" }]);
    });

    it("a company whose Planhat id was written into its row is taken over, and gets its sourceId", async () => {
      map("direction: both");
      const address = { value: "Karl Johan 1", locality: "" };
      const { organizationId: id } = wonDeal(place.sandbox, {}, { name: "Acme", address });
      const there = place.planhat.store.create("companies", { name: "Acme", city: "Oslo" });
      place.manners.intercept = ({ method }) =>
        method === "GET" ? undefined : Response.json({ error: "Not yet" }, { status: 403 });
      await failingSync(place, "--yes");
      await place.look("update planhat.companies set planhat_id = $1 where source_id = $2", [
        String(there["_id"]),
        String(id),
      ]);
      delete place.manners.intercept;
      await place.sync();
      expect(
        place.planhat.store.all("companies").map(({ _id, sourceId, city }) => [_id, sourceId, city]),
      ).to.deep.equal([[there["_id"], String(id), "Oslo"]]);
      expect((await row(id))!["city"]).to.equal("Oslo");
    });

    it("what Pipedrive cannot take in is published to Planhat all the same; one refusal does not even fail the run", async () => {
      map("direction: both");
      const { organizationId: id } = wonDeal(place.sandbox, {}, { name: "Acme" });
      const { organizationId: other } = wonDeal(place.sandbox, {}, { name: "Beta" });
      await place.sync("--yes");
      await place.look("update planhat.companies set name = ' ', city = 'Riga' where source_id = $1", [String(id)]);
      const refused = await place.sync();
      expect(refused.status).to.equal("partial");
      // A refused field costs that field alone.
      expect(refused.sent.organizations).to.include({ updated: 1 });
      expect(place.sandbox.store.get("organizations", id)!["name"]).to.equal("Acme");
      expect(company(id)["city"]).to.equal("Riga");
      intercept = ({ method }) =>
        method === "PATCH"
          ? new Response("<html>Blocked</html>", { status: 403, headers: { "content-type": "text/html" } })
          : undefined;
      await place.look("update planhat.companies set name = 'Beta Ltd' where source_id = $1", [String(other)]);
      const { status, summary, stderr } = await failingSync(place);
      expect(status).to.equal(3);
      expect(summary.status).to.equal("failed");
      expect(stderr).to.include("403");
      expect(company(other)["name"]).to.equal("Beta Ltd");
      intercept = () => undefined;
      await place.look("update planhat.companies set name = 'Acme' where source_id = $1", [String(id)]);
      expect((await place.sync()).sent.organizations).to.include({ updated: 1 });
      expect(place.sandbox.store.get("organizations", other)!["name"]).to.equal("Beta Ltd");
    });
  });
}

describe("the first sync of a new database whose companies somebody has filled in", function () {
  this.timeout(1_200_000);

  it("sends and makes nothing before somebody agrees", async () => {
    const place = await sandboxSync("server", emptyAccount);
    place.map({
      "organizations.yaml": organizations("direction: both\ncreate_in_pipedrive: true"),
      "deals.yaml": deals,
    });
    const { organizationId } = wonDeal(place.sandbox, {}, { name: "Acme" });
    await place.look(
      "insert into planhat.companies (source_id, name, city) values ($1, 'Acme', 'Riga'), (null, 'New', null)",
      [String(organizationId)],
    );
    const { status, stderr } = await place.run(["sync", "--json"]);
    expect(status, stderr).to.equal(0);
    expect(stderr)
      .to.include("Nothing was sent to Pipedrive")
      .and.include("1 new organizations")
      .and.include("sync --yes");
    expect(place.sandbox.requests.writes).to.deep.equal([]);
    expect((await place.sync("--yes")).sent.organizations).to.deep.equal({ created: 1, updated: 1, conflicts: 0 });
    await place.close();
  });
});
