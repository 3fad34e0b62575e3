import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { onServerFirst } from "../../databases.ts";
import { emptyAccount, type SandboxSync, sandboxSync, wonDeal } from "../../sandbox-sync.ts";

const organizations = (web: string) =>
  `stream: organizations\nfields:\n  - {planhat: name, pipedrive: name}\n${web}  - {planhat: custom.Tier, pipedrive: Tier}\n`;
const deals = (product: string) => `stream: deals
start_date: [won_time]
model: license
fields:
  - {planhat: _currency, pipedrive: currency}
  - {planhat: fromDate, pipedrive: $start_date}
  - {planhat: product, pipedrive: title${product}}
`;

onServerFirst((kind) => {
  describe("remap", () => {
    let setting: SandboxSync;
    beforeEach(async () => {
      setting = await sandboxSync(kind, emptyAccount);
      setting.map({
        "organizations.yaml": organizations("  - {planhat: web, pipedrive: website}\n"),
        "deals.yaml": deals(""),
      });
    });
    afterEach(() => setting.close());
    const remap = async (...options: string[]) => {
      const { status, stdout, stderr } = await setting.run(["remap", "--json", ...options]);
      expect(status, stderr).to.equal(0);
      return JSON.parse(stdout);
    };

    it("maps what has landed with the changed mapping, writes only rows that change, and asks Pipedrive for nothing", async () => {
      const tier = setting.sandbox.account.fields.organizations.find(({ field_name }) => field_name === "Tier")!;
      wonDeal(
        setting.sandbox,
        { title: "Gold plan" },
        {
          website: "https://acme.test",
          custom_fields: { [tier.field_code]: tier.options![0]!.id },
        },
      );
      wonDeal(setting.sandbox, { title: "TEAM" });
      wonDeal(setting.sandbox, { title: "lost", status: "lost" });
      await setting.sync();
      const versions = "select source_id, xmin::text from planhat.licenses order by id";
      const [, unchanged] = await setting.look(versions);
      const requests = setting.sandbox.requests.count;
      setting.map({ "organizations.yaml": organizations(""), "deals.yaml": deals(", transform: [uppercase]") });

      const summary = await remap();
      expect(setting.sandbox.requests.count).to.equal(requests);
      expect(summary).to.deep.include({
        mode: "incremental",
        status: "succeeded",
        requests: { count: 0, retried: 0, tokens: 0 },
      });
      expect(summary.streams.deals).to.deep.equal({
        read: 3,
        rejected: 0,
        eligible: 2,
        skipped: { not_won: 1 },
        unchanged: 0,
        from_landing: 3,
      });
      expect(summary.models.license).to.deep.equal({
        created: 0,
        updated: 1,
        unchanged: 1,
        rejected: 0,
        fields_rejected: 0,
      });
      expect(summary.models.company).to.deep.equal({
        created: 0,
        updated: 0,
        unchanged: 2,
        rejected: 0,
        fields_rejected: 0,
      });
      expect((await setting.look(versions))[1], "the row that is the same is not written").to.deep.equal(unchanged);
      expect(await setting.look("select product from planhat.licenses order by id")).to.deep.equal([
        { product: "GOLD PLAN" },
        { product: "TEAM" },
      ]);
      expect(
        await setting.look("select web, custom->>'Tier' as tier from planhat.companies order by id limit 1"),
        "a field that is no longer mapped is left as it is, and labels need no API",
      ).to.deep.equal([{ web: "https://acme.test", tier: "Gold" }]);

      const again = await remap();
      expect(again.models.license).to.deep.equal({
        created: 0,
        updated: 0,
        unchanged: 2,
        rejected: 0,
        fields_rejected: 0,
      });
      const next = await setting.sync();
      expect(next.streams.deals, "the sync that follows has nothing to map again").to.include({ eligible: 0 });
      const runs = await setting.look("select status from connector.runs order by started_at");
      expect(runs.map(({ status }) => status)).to.deep.equal(["succeeded", "succeeded", "succeeded", "succeeded"]);
    });

    it("tells people what it did, works while Pipedrive cannot be reached, and records what it had to reject", async () => {
      wonDeal(setting.sandbox);
      await setting.sync();
      setting.map({ "deals.yaml": deals(", transform: [{lookup: {Gold: A}}]") });
      setting.place.write(
        "offline.yaml",
        `company_url: http://127.0.0.1:9\napi_token: not-the-token\nmappings: ./mappings\ndatabase: ${setting.location}\n`,
      );
      const { status, stdout, stderr } = await setting.run(["remap", "--config", "offline.yaml"]);
      expect(status, stderr).to.equal(0);
      expect(stdout).to.match(
        /^Mapped again what has landed, with no request to Pipedrive, in [\d.]+ s\.\n1 deal is eligible\.\n/,
      );
      expect(stdout).to.match(/\nlicense +0 +0 +1 +0 +1\n/);
      expect(await setting.look("select field, reason from connector.rejections")).to.deep.equal([
        { field: "product", reason: '"Deal" is not in the lookup (it has: Gold)' },
      ]);
      expect((await remap()).status).to.equal("partial");
    });
  });
});

describe("remap refuses", () => {
  let setting: SandboxSync;
  before(async () => {
    setting = await sandboxSync("server", emptyAccount);
  });
  after(() => setting.close());

  it("a database that was never synced, which is not made by it", async () => {
    setting.place.write("new.yaml", `company_url: ${setting.sandbox.url}\napi_token: x-token-x\ndatabase: ./none\n`);
    const { status, stdout, stderr } = await setting.run(["remap", "--config", "new.yaml"]);
    expect(stdout).to.equal("");
    expect(status).to.equal(3);
    expect(stderr.replaceAll(setting.place.folder, "")).to.equal(
      "Error: Nothing has been synced into /none yet, so there is nothing to map again.\nRun a first sync: pipedrive-planhat sync.\n",
    );
    expect(existsSync(join(setting.place.folder, "none"))).to.equal(false);
    expect((await setting.run(["remap"])).stderr).to.match(/^Error: Nothing has been synced into .* yet/);
  });

  it("a mapping with mistakes, before anything is written", async () => {
    setting.map({ "deals.yaml": "stream: deals\nstart_date: [won_time]\nmodel: licence\nfields: []\n" });
    const { status, stderr } = await setting.run(["remap"]);
    expect(status).to.equal(2);
    expect(stderr).to.contain(
      "mappings/deals.yaml:3:8: error: `model` must be one of: license, sale, deal, not `licence`.",
    );
  });

  it("options that it does not have", async () => {
    expect((await setting.run(["remap", "--full"])).status).to.equal(2);
    expect((await setting.run(["remap", "--wait", "soon"])).status).to.equal(2);
  });
});
