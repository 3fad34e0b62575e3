import { expect } from "chai";
import type { JsonObject } from "../../../connector/mapping/value.ts";
import { onServerFirst } from "../../databases.ts";
import { itLong } from "../../long.ts";
import { emptyAccount, type SandboxSync, sandboxSync, wonDeal } from "../../sandbox-sync.ts";

/** The requested `include_fields`, by path with ids as `{id}`. */
type Asked = Record<string, (string | null)[]>;

async function watched(kind: "embedded" | "server", options = {}): Promise<SandboxSync & { asked(): Asked }> {
  let seen: Asked = {};
  const setting = await sandboxSync(kind, {
    ...emptyAccount,
    ...options,
    intercept: ({ path, query }) => {
      if (/^\/api\/v2\/(deals|organizations|persons)\b/.test(path)) {
        const place = path.replace("/api/v2/", "").replace(/\d+$/, "{id}");
        const [fields] = [query.get("include_fields")];
        if (!(seen[place] ?? []).includes(fields)) seen[place] = [...(seen[place] ?? []), fields];
      }
      return undefined;
    },
  });
  return {
    ...setting,
    asked() {
      const before = seen;
      seen = {};
      return before;
    },
  };
}

const organizations = (...lines: string[]) =>
  `stream: organizations\nmodel: company\ndirection: receive\nfields:\n  - {planhat: name, pipedrive: name}\n${lines.map((line) => `  - ${line}\n`).join("")}`;
const deals = (more = "") =>
  `stream: deals\ndirection: receive\nstart_date: [won_time]\nmodels:\n  - model: license\n    fields:\n      - {planhat: _currency, pipedrive: currency}\n      - {planhat: fromDate, pipedrive: $start_date}\n      - {planhat: value, pipedrive: value}\n${more}`;
const openDeals = "{planhat: custom.Open deals, pipedrive: open_deals_count}";

onServerFirst((kind) => {
  describe("fields that Pipedrive sends only where they are asked for", () => {
    let setting: Awaited<ReturnType<typeof watched>>;
    afterEach(() => setting.close());

    const custom = async () => {
      const rows = await setting.look<{ custom: JsonObject }>(
        "select custom from planhat.companies order by source_id",
      );
      return rows.map((row) => row.custom);
    };
    const openDeal = (organizationId: number) =>
      setting.sandbox.store.create("deals", { title: "Open", status: "open", org_id: organizationId });

    it("are asked for where the mapping names them, and nothing else is", async () => {
      setting = await watched(kind);
      setting.map({
        "organizations.yaml": organizations(
          openDeals,
          "{planhat: description, pipedrive: smart_bcc_email, required: true}",
        ),
        "persons.yaml":
          "stream: persons\nmodel: enduser\nfields:\n  - {planhat: email, pipedrive: emails.primary}\n  - {planhat: position, pipedrive: doi_status}\n",
        "deals.yaml": deals(
          "      - {planhat: custom.People, pipedrive: $organization.people_count}\n      - {planhat: custom.Notes, pipedrive: notes_count, when: {field: files_count, is: 0}}\n",
        ).replace("[won_time]", "[first_won_time]"),
      });
      const { organizationId } = wonDeal(setting.sandbox);
      openDeal(organizationId);
      setting.sandbox.store.create("persons", {
        name: "Ada",
        org_id: organizationId,
        emails: [{ value: "ada@acme.example", primary: true, label: "work" }],
      });
      const summary = await setting.sync();
      expect(summary.status).to.equal("succeeded");
      expect(setting.asked()).to.deep.equal({
        deals: ["files_count,first_won_time,notes_count"],
        "deals/archived": ["files_count,first_won_time,notes_count"],
        organizations: ["open_deals_count,people_count,smart_bcc_email"],
        persons: ["doi_status"],
      });
      const [company] = await setting.look("select description, custom from planhat.companies");
      expect(company).to.deep.equal({
        description: `fjord-and-field+org${organizationId}@pipedrivemail.com`,
        custom: { "Open deals": 1 },
      });
      const [license] = await setting.look("select from_date::text, custom from planhat.licenses");
      expect(license).to.deep.equal({ from_date: "2026-01-31", custom: { People: 1, Notes: 0 } });
      expect(await setting.look("select position from planhat.endusers")).to.deep.equal([{ position: "not_started" }]);

      await setting.sync("--company", String(organizationId));
      expect(setting.asked()).to.deep.equal({
        deals: ["files_count,first_won_time,notes_count"],
        "deals/archived": ["files_count,first_won_time,notes_count"],
        "organizations/{id}": ["open_deals_count,people_count,smart_bcc_email"],
        persons: ["doi_status"],
      });
    });

    itLong("are not asked for where no mapping names one", async () => {
      setting = await watched(kind);
      wonDeal(setting.sandbox);
      await setting.sync();
      expect(setting.asked()).to.deep.equal({
        deals: [null],
        "deals/archived": [null],
        organizations: [null],
        persons: [null],
      });
    });

    it("are read anew for the companies of deals that changed, and for no other", async () => {
      setting = await watched(kind);
      setting.map({ "organizations.yaml": organizations(openDeals), "deals.yaml": deals() });
      const one = wonDeal(setting.sandbox, {}, { update_time: "2026-01-01T00:00:00Z" });
      const other = wonDeal(setting.sandbox, {}, { update_time: "2026-01-01T00:00:00Z" });
      await setting.sync();
      const idle = await setting.sync();
      openDeal(one.organizationId);
      openDeal(other.organizationId);
      setting.sandbox.store.update("deals", one.dealId, { value: 200 });
      setting.asked();
      await setting.sync();
      expect(await custom()).to.deep.equal([{ "Open deals": 1 }, { "Open deals": 0 }]);
      expect(setting.asked()["organizations/{id}"]).to.deep.equal(["open_deals_count"]);
      const last = await setting.sync();
      expect(last.requests.count, "nothing is read again when nothing changed").to.equal(idle.requests.count);
    });

    it("are asked for once more of every record when a mapping begins to name one", async () => {
      setting = await watched(kind, { listsOptionalFields: true });
      setting.map({ "organizations.yaml": organizations(), "deals.yaml": deals() });
      const { organizationId } = wonDeal(setting.sandbox, {}, { update_time: "2026-01-01T00:00:00Z" });
      openDeal(organizationId);
      await setting.sync();
      const before = (await setting.sync()).requests.count;

      setting.map({ "organizations.yaml": organizations("{planhat: custom.Open deals, pipedrive: Open deals}") });
      const check = await setting.run(["mapping", "check"]);
      expect(check.stdout).to.contain("No landed record has what `Open deals` reads for `custom.Open deals` yet");
      const remap = await setting.run(["remap"]);
      expect(remap.stderr).to.contain("The landed organizations lack open_deals_count");
      const explained = await setting.run(["explain", "organizations", String(organizationId)]);
      expect(explained.stderr).to.contain("The landed organizations lack open_deals_count");
      setting.asked();

      const { stdout, stderr } = await setting.run(["sync", "--json"]);
      expect(stderr).to.contain(
        "organizations: the mapping reads open_deals_count, which Pipedrive sends only where it is asked for and which the landed copies lack. All organizations are read once more",
      );
      expect(JSON.parse(stdout.trim().split("\n").at(-1)!)).to.include({ status: "succeeded", mode: "incremental" });
      expect(setting.asked()).to.deep.include({ organizations: ["open_deals_count"], deals: [null] });
      expect(await custom()).to.deep.equal([{ "Open deals": 1 }]);
      expect((await setting.run(["mapping", "check"])).stdout).to.contain("no warnings");

      const after = await setting.sync();
      expect(after.requests.count).to.equal(before);
      expect(after.streams.organizations.read).to.be.at.most(1);
    });

    it("may move without a difference in the audit", async () => {
      setting = await watched(kind);
      setting.map({ "organizations.yaml": organizations(openDeals), "deals.yaml": deals() });
      const { organizationId } = wonDeal(setting.sandbox);
      await setting.sync();
      setting.sandbox.store.optionalValues.set(`organizations ${organizationId}`, { open_deals_count: 7 });
      const { status, stdout } = await setting.run(["audit", "--json"]);
      expect([status, JSON.parse(stdout).differences]).to.deep.equal([0, []]);
    });

    itLong("stay in the landed copy when a company's change is sent", async () => {
      setting = await watched(kind);
      setting.map({
        "organizations.yaml": organizations(openDeals.replace("}", ", direction: receive}")).replace(
          "direction: receive\nfields",
          "direction: both\nfields",
        ),
        "deals.yaml": deals(),
      });
      const { organizationId } = wonDeal(setting.sandbox);
      openDeal(organizationId);
      await setting.sync("--yes");
      await setting.look("update planhat.companies set name = 'Renamed'");
      openDeal(organizationId);
      const summary = await setting.sync();
      expect([summary.status, summary.sent.organizations.updated]).to.deep.equal(["succeeded", 1]);
      const [landed] = await setting.look<{ name: string; count: number }>(
        "select record->>'name' as name, (record->>'open_deals_count')::int as count from pipedrive.organizations",
      );
      expect(landed).to.deep.equal({ name: "Renamed", count: 2 });
    });
  });
});

describe("read", () => {
  let setting: Awaited<ReturnType<typeof watched>>;
  afterEach(() => setting.close());

  const catalog = (properties: JsonObject) =>
    JSON.stringify({
      streams: ["organizations", "deals"].map((name) => ({
        stream: { name, json_schema: { properties }, supported_sync_modes: ["incremental"] },
        sync_mode: "incremental",
        destination_sync_mode: "append_dedup",
      })),
    });

  itLong("asks for the selected columns that come only where they are asked for", async () => {
    setting = await watched("embedded");
    wonDeal(setting.sandbox);
    setting.place.write("catalog.json", catalog({ id: {}, name: {}, people_count: {}, first_won_time: {} }));
    const { stdout } = await setting.run(["read", "--catalog", "catalog.json"]);
    expect(setting.asked()).to.deep.equal({
      organizations: ["people_count"],
      deals: ["first_won_time"],
      "deals/archived": ["first_won_time"],
    });
    expect(stdout).to.contain('"people_count":0').and.to.contain('"first_won_time":"2026-01-31T10:00:00Z"');
  });

  itLong("asks for all of them where everything is selected, and for none where none is", async () => {
    setting = await watched("embedded");
    wonDeal(setting.sandbox);
    setting.place.write("catalog.json", catalog({}));
    const { stdout, stderr, status } = await setting.run(["read", "--catalog", "catalog.json"]);
    expect(status, stderr).to.equal(0);
    const { organizations, deals: [all] = [] } = setting.asked();
    expect(organizations![0]!.split(",")).to.have.length(19);
    expect(all!.split(",")).to.have.length(16);
    expect(stdout).to.contain('"won_deals_count":1');
    setting.place.write("catalog.json", catalog({ id: {}, name: {} }));
    await setting.run(["read", "--catalog", "catalog.json"]);
    expect(setting.asked()).to.deep.equal({ organizations: [null], deals: [null], "deals/archived": [null] });
  });

  itLong("asks the same for Singer", async () => {
    setting = await watched("embedded");
    await setting.run(["read", "--format", "singer"]);
    const { persons: [all] = [] } = setting.asked();
    expect(all!.split(",")).to.have.length(23);
  });

  it("goes on without what an account does not have, and says so", async () => {
    setting = await watched("embedded", { marketingApp: false });
    setting.sandbox.store.create("persons", { name: "Ada" });
    const { status, stdout, stderr } = await setting.run(["read", "--format", "singer"]);
    expect(status, stderr).to.equal(0);
    const { persons: [all, without, ...others] = [] } = setting.asked();
    expect([all!.split(",").length, without!.split(",").length, others]).to.deep.equal([23, 22, []]);
    expect(stdout).to.contain('"Ada"').and.not.to.contain("no_consent");
    expect(stderr).to.contain(
      "persons: Pipedrive rejected the request for marketing_status, which needs its marketing app. The field stays empty.",
    );
  });
});
