import { expect } from "chai";
import { onServerFirst } from "../../databases.ts";
import { emptyAccount, type SandboxSync, sandboxSync, wonDeal } from "../../sandbox-sync.ts";

const organizations = `stream: organizations
fields:
  - {planhat: name, pipedrive: name}
  - {planhat: custom.Owner, pipedrive: $owner.name}
  - {planhat: custom.Tier, pipedrive: Tier}
`;

const deals = `stream: deals
start_date: won_time
model: license
fields:
  - {planhat: _currency, pipedrive: currency}
  - {planhat: fromDate, pipedrive: $start_date}
  - {planhat: product, pipedrive: title}
`;

/** Tokens of an account's users, pipelines, stages and fields. */
const accountTokens = 60;

onServerFirst((kind) => {
  describe("what an account has, its fields, options and users", function () {
    this.timeout(300_000);
    let setting: SandboxSync;
    /** Tokens of a run that reads nothing but the lists. */
    let idleTokens: number;
    before(async () => {
      setting = await sandboxSync(kind, emptyAccount);
      setting.map({ "organizations.yaml": organizations, "deals.yaml": deals });
      company("First", "Gold");
      idleTokens = (await tokens()) - accountTokens;
    });
    after(() => setting.close());

    const definitions = () => setting.sandbox.store.definitions;
    const tierKey = () => definitions().field("organizations", "Tier").field_code;
    const tier = (label: string) => definitions().option("organizations", "Tier", label).id;

    /** Makes an organization with a won deal. Returns its id. */
    function company(name: string, label: string, owner = 12): number {
      const custom = { [tierKey()]: tier(label) };
      return wonDeal(setting.sandbox, { title: name }, { name, owner_id: owner, custom_fields: custom }).organizationId;
    }
    const shown = async (id: number) =>
      (await setting.look("select custom from planhat.companies where source_id = $1", [String(id)]))[0]!["custom"];
    const tokens = async () => (await setting.sync()).requests.tokens;

    it("are not read again within an hour where nothing points at them", async () => {
      expect(await tokens()).to.equal(idleTokens);
      const known = company("Known", "Silver");
      expect(await tokens()).to.equal(idleTokens);
      expect(await shown(known)).to.deep.equal({ Owner: "Tomás Herrera", Tier: "Silver" });
      await setting.hourPasses();
      expect(await tokens()).to.equal(idleTokens + accountTokens);
    });

    it("are read again before a record with a new option or user is mapped, so nothing is rejected", async () => {
      const { store } = setting.sandbox;
      definitions().addOptions("organizations", "Tier", ["Diamond"]);
      store.users.push({ ...store.users[0]!, id: 4711, name: "Nora Lind", email: "nora@acme.test" });
      const id = company("New", "Diamond", 4711);
      const { requests, status } = await setting.sync();
      expect(requests.tokens).to.equal(idleTokens + accountTokens);
      expect(status, "nothing is rejected").to.equal("succeeded");
      expect(await shown(id)).to.deep.equal({ Owner: "Nora Lind", Tier: "Diamond" });
      expect(await tokens()).to.equal(idleTokens);
    });

    it("are read once for a user whom no list shows, and not again for the next record of the same user", async () => {
      company("Strange", "Gold", 99_999);
      expect(await tokens()).to.equal(idleTokens + accountTokens);
      company("Stranger", "Gold", 99_999);
      expect(await tokens()).to.equal(idleTokens);
    });

    it("are read again when the mapping has changed, which may name what was made a minute ago", async () => {
      definitions().addField("organizations", ["Region", "varchar"]);
      setting.map({ "organizations.yaml": `${organizations}  - {planhat: custom.Region, pipedrive: Region}\n` });
      expect(await tokens()).to.equal(idleTokens + accountTokens);
      expect(await tokens()).to.equal(idleTokens);
    });

    it("are read by a full sync in any case, which shows a new label at once", async () => {
      definitions().renameOption("organizations", "Tier", "Gold", "Golden");
      await setting.sync();
      const id = Number((await setting.look("select min(source_id::bigint) as id from planhat.companies"))[0]!["id"]);
      expect(await shown(id)).to.include({ Tier: "Gold" });
      await setting.sync("--full");
      expect(await shown(id)).to.include({ Tier: "Golden" });
    });
  });
});
