import { expect } from "chai";
import type { JsonObject } from "../../../connector/mapping/value.ts";
import type { Intercept } from "../../../connector/sandbox/pipedrive/app.ts";
import { emptyAccount, type SandboxSync, sandboxSync, wonDeal } from "../../sandbox-sync.ts";

const mapping = (head: string, fields = "") => `stream: organizations
model: company
${head}
fields:
  - {planhat: name, pipedrive: name}
  - {planhat: city, pipedrive: address.locality}
  - {planhat: country, pipedrive: address.country, direction: receive}
  - {planhat: web, pipedrive: website}
  - {planhat: custom.Industry, pipedrive: industry}
${fields}`;
const deals = `stream: deals
model: license
direction: receive
start_date: [won_time]
fields:
  - {planhat: value, pipedrive: value}
  - {planhat: _currency, pipedrive: currency}
  - {planhat: fromDate, pipedrive: $start_date}
`;

for (const kind of ["embedded", "server"] as const) {
  describe(`companies sent to Pipedrive, on ${kind === "embedded" ? "the embedded database" : "a server"}`, function () {
    this.timeout(1_200_000);
    let place: SandboxSync;
    let intercept: Intercept = () => undefined;
    const map = (head: string, fields = "") =>
      place.map({ "organizations.yaml": mapping(head, fields), "deals.yaml": deals });
    const company = (organization: JsonObject = {}) => wonDeal(place.sandbox, {}, organization).organizationId;
    const edit = (id: number, assignments: string) =>
      place.look(`update planhat.companies set ${assignments} where source_id = '${id}'`);
    const patches = () => place.sandbox.requests.writes;
    const inPipedrive = (id: number) => place.sandbox.store.find("organizations", (one) => one["id"] === id)[0]!;
    const rejections = () =>
      place.look<{ field: string | null; reason: string }>(
        "select field, reason from connector.rejections where stage = 'send' order by id",
      );

    beforeEach(async () => {
      intercept = () => undefined;
      place = await sandboxSync(kind, { ...emptyAccount, intercept: (request) => intercept(request) });
    });
    afterEach(async () => place.close());

    it("an edit in the table travels with the next sync as one minimal PATCH, and does not come back", async () => {
      map("direction: both");
      const id = company({
        name: "Acme",
        website: "https://acme.test",
        address: { value: "Riga 1", locality: "Riga", country: "Latvia" },
      });
      const other = company({ name: "Beta" });
      await place.sync();
      expect(patches()).to.deep.equal([]);
      await edit(id, "name = 'Acme Ltd', city = 'Tallinn', web = null");
      const { sent, status, models } = await place.sync();
      expect(status).to.equal("succeeded");
      expect(sent.organizations).to.deep.equal({ created: 0, updated: 1, conflicts: 0 });
      expect(models.company.updated).to.equal(0);
      expect(patches()).to.deep.equal([
        {
          method: "PATCH",
          path: `/api/v2/organizations/${id}`,
          body: {
            name: "Acme Ltd",
            address: { value: "Riga 1", locality: "Tallinn", country: "Latvia" },
            website: null,
          },
        },
      ]);
      expect(inPipedrive(other)["name"]).to.equal("Beta");
      for (let again = 0; again < 2; again++) {
        const silent = await place.sync();
        expect(silent.sent.organizations).to.deep.equal({ created: 0, updated: 0, conflicts: 0 });
        expect(silent.models.company).to.include({ created: 0, updated: 0 });
      }
      await place.sync("--full");
      expect(patches()).to.have.length(1);
      expect(await place.look("select * from connector.edited_companies")).to.deep.equal([]);
    });

    it("what is refused is a rejection with its reason, and is tried again until it is taken", async () => {
      map("direction: both");
      const id = company({ name: "Acme" });
      await place.sync();
      await edit(id, "name = ' '");
      const refused = await place.sync();
      expect(refused.status).to.equal("partial");
      expect(refused.sent.organizations.updated).to.equal(0);
      expect((await rejections()).map(({ reason }) => reason).join()).to.match(/400.*name/);
      await place.sync();
      expect(patches()).to.have.length(2);
      await edit(id, "name = 'Acme 2'");
      expect((await place.sync()).sent.organizations.updated).to.equal(1);
      expect(await rejections()).to.deep.equal([]);
      place.sandbox.store.delete("organizations", id, "api");
      await edit(id, "name = 'Acme 3'");
      await place.sync();
      expect((await rejections()).map(({ reason }) => reason).join()).to.include("is deleted in Pipedrive");
      expect(patches()).to.have.length(3);
    });

    it("an unclear outcome is read back before it is tried again", async () => {
      map("direction: both");
      const id = company({ name: "Acme" });
      await place.sync();
      // Executed, but the answer is cut off.
      intercept = ({ method, attempt }) => (method === "PATCH" && attempt === 1 ? "truncate" : undefined);
      await edit(id, "name = 'One'");
      expect((await place.sync()).sent.organizations.updated).to.equal(1);
      expect(patches()).to.have.length(1);
      place.sandbox.requests.reset();
      // Not executed at first.
      intercept = ({ method, attempt }) => (method === "PATCH" && attempt === 1 ? "reset" : undefined);
      await edit(id, "name = 'Two'");
      expect((await place.sync()).sent.organizations.updated).to.equal(1);
      expect(patches().map(({ body }) => body)).to.deep.equal([{ name: "Two" }, { name: "Two" }]);
      expect(inPipedrive(id)["name"]).to.equal("Two");
    });

    it("both changed: prefer decides, and the conflict is recorded once with both values and the winner", async () => {
      for (const [prefer, winner] of [
        ["pipedrive", "Pipedrive's"],
        ["planhat", "Planhat's"],
      ] as const) {
        map(`direction: both\nprefer: ${prefer}`);
        const id = company({ name: "Acme" });
        await place.sync();
        await edit(id, `name = 'Planhat''s'`);
        place.sandbox.store.update("organizations", id, { name: "Pipedrive's" }, "api");
        const { sent } = await place.sync();
        expect(sent.organizations).to.deep.equal({ created: 0, updated: prefer === "planhat" ? 1 : 0, conflicts: 1 });
        expect(inPipedrive(id)["name"]).to.equal(winner);
        expect(await place.look(`select name from planhat.companies where source_id = '${id}'`)).to.deep.equal([
          { name: winner },
        ]);
        expect(
          await place.look(
            `select field, base, pipedrive, planhat, winner from connector.conflicts where record_id = ${id}`,
          ),
        ).to.deep.equal([
          { field: "name", base: "Acme", pipedrive: "Pipedrive's", planhat: "Planhat's", winner: prefer },
        ]);
        expect((await place.sync()).sent.organizations).to.deep.equal({ created: 0, updated: 0, conflicts: 0 });
        const { stdout: status } = await place.run(["status"]);
        expect(status).to.match(
          new RegExp(
            `organizations ${id} +name +"Pipedrive's" +"Planhat's" +${prefer === "planhat" ? "Planhat" : "Pipedrive"}\\n`,
          ),
        );
        const { latest_conflicts } = JSON.parse((await place.run(["status", "--json"])).stdout);
        expect(latest_conflicts[0]).to.include({ record_id: id, field: "name", winner: prefer });
        const { stdout: explained } = await place.run(["explain", "organizations", String(id)]);
        expect(explained).to.include(`name was changed on both sides (Pipedrive "Pipedrive's", Planhat "Planhat's")`);
      }
    });

    it("nothing is sent of a mapping that became wider until somebody agrees; plan shows it", async () => {
      map("direction: receive");
      const id = company({ name: "Acme" });
      await place.sync();
      await edit(id, "name = 'Acme Ltd'");
      map("direction: both");
      const { status, stdout, stderr } = await place.run(["sync", "--json"]);
      expect(status).to.equal(0);
      expect(JSON.parse(stdout).sent.organizations.updated).to.equal(0);
      expect(stderr).to.include("Nothing was sent to Pipedrive: 1 changed fields of 1 organizations");
      expect(stderr).to.include("sync --yes");
      expect(patches()).to.deep.equal([]);
      const before = await place.look("select * from connector.edited_companies");
      const plan = await place.run(["plan"]);
      expect(plan.stdout)
        .to.include(`→ Pipedrive organization ${id}: name "Acme" → "Acme Ltd"`)
        .and.include("sync --yes");
      const json = JSON.parse((await place.run(["plan", "--json"])).stdout);
      expect(json.changes).to.deep.include({
        model: "company",
        source_id: String(id),
        action: "send",
        fields: { name: { from: "Acme", to: "Acme Ltd" } },
      });
      expect(patches()).to.deep.equal([]);
      expect(await place.look("select * from connector.edited_companies")).to.deep.equal(before);
      expect((await place.sync("--yes")).sent.organizations.updated).to.equal(1);
      await edit(id, "name = 'Acme Inc'");
      expect((await place.sync()).sent.organizations.updated).to.equal(1);
    });
  });
}
