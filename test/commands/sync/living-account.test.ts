import { existsSync, readFileSync } from "node:fs";
import { expect } from "chai";
import type { JsonObject } from "../../../connector/mapping/value.ts";
import { packageRoot } from "../../../connector/package-root.ts";
import type { Summary } from "../../../connector/sync/summary.ts";
import { onServerFirst } from "../../databases.ts";

import { emptyAccount, type SandboxSync, sandboxSync, wonDeal } from "../../sandbox-sync.ts";

/** The scenario of each line of docs/living-account.md, in one account: all of them happen, then one sync runs. */
onServerFirst((kind) => {
  describe("a living account", function () {
    this.timeout(300_000);
    let setting: SandboxSync;
    let summary: Summary;
    const made: Record<string, ReturnType<typeof wonDeal>> = {};
    const ids: Record<string, number> = {};
    const deal = (name: string, values: JsonObject = {}) => {
      made[name] = wonDeal(setting.sandbox, { title: name, ...values }, { name });
    };
    const organizationOf = (name: string) => made[name]!.organizationId;
    const dealOf = (name: string) => made[name]!.dealId;

    before(async () => {
      setting = await sandboxSync(kind, emptyAccount);
      setting.map(mapping);
      setting.configure("when_lost: end\n");
      const { store, account } = setting.sandbox;
      for (const name of [
        ...["merged away", "survivor", "two persons", "deal merged away", "deal survivor", "restored", "archived"],
        ...[
          "owner changed",
          "hidden",
          "organization hidden",
          "currency",
          "note moved",
          "person moved",
          "new home",
          "reordered",
          "revealed",
          "unarchived",
        ],
      ]) {
        deal(name);
      }
      const person = (name: string, organization: string) =>
        store.create("persons", { name, org_id: organizationOf(organization), emails: [email(name)] })["id"] as number;
      store.update("deals", dealOf("unarchived"), { is_archived: true });
      store.hide("deals", dealOf("revealed"));
      ids["loser"] = person("loser", "two persons");
      ids["winner"] = person("winner", "two persons");
      ids["mover"] = person("mover", "person moved");
      const note = (values: JsonObject) => store.create("notes", { content: "Hello", ...values })["id"] as number;
      ids["note of loser"] = note({ person_id: ids["loser"]! });
      ids["note moved"] = note({ org_id: organizationOf("note moved") });
      ids["note of lead"] = note({ lead_id: "7f1d2c3b-0000-4000-8000-000000000001" });
      store.delete("deals", dealOf("restored"));
      await setting.sync();
      expect(await rows("licenses", dealOf("restored"))).to.deep.equal([]);

      store.merge("organizations", organizationOf("merged away"), organizationOf("survivor"));
      store.merge("persons", ids["loser"]!, ids["winner"]!);
      store.merge("deals", dealOf("deal merged away"), dealOf("deal survivor"));
      store.update("deals", dealOf("restored"), { is_deleted: false, status: "won" });
      store.update("deals", dealOf("archived"), { value: 250, is_archived: true });
      store.update("deals", dealOf("owner changed"), { owner_id: account.users[1]!["id"]! });
      store.hide("deals", dealOf("hidden"));
      store.reveal("deals", dealOf("revealed"));
      store.update("deals", dealOf("unarchived"), { is_archived: false, value: 260 });
      store.hide("organizations", organizationOf("organization hidden"), 403);
      store.update("deals", dealOf("organization hidden"), { value: 333 });
      account.company["default_currency"] = "USD";
      store.update("notes", ids["note moved"]!, { org_id: organizationOf("new home") });
      store.update("persons", ids["mover"]!, { org_id: organizationOf("new home") });
      store.update("deals", dealOf("new home"), { value: 700 });
      const type = store.fields.deals.find(({ field_name }) => field_name === "Deal type")!;
      type.options!.reverse();
      store.update("deals", dealOf("reordered"), {
        custom_fields: { [type.field_code]: type.options!.find(({ label }) => label === "Services")!.id },
      });
      made["converted"] = wonDeal(setting.sandbox, { title: "converted" }, { name: "converted" });
      store.update("notes", ids["note of lead"]!, { lead_id: null, deal_id: dealOf("converted") });
      summary = await setting.sync("--full");
    });
    after(() => setting?.close());

    const rows = (table: string, id: number) =>
      setting.look(
        `select t.*, c.source_id as company from planhat.${table} t
         left join planhat.companies c on c.id = ${table === "companies" ? "t.id" : "t.company_id"} where t.source_id = $1`,
        [String(id)],
      );
    const row = async (table: string, id: number) => {
      const found = await rows(table, id);
      expect(found).to.have.length(1);
      return found[0]!;
    };

    it("the run that meets it all succeeds", () => {
      expect(summary.status).to.equal("succeeded");
    });

    it("two organizations are merged", async () => {
      expect(await row("licenses", dealOf("merged away"))).to.include({ company: String(organizationOf("survivor")) });
      expect(await row("companies", organizationOf("merged away"))).to.include({ name: "merged away" });
    });

    it("two persons are merged", async () => {
      expect(await row("endusers", ids["loser"]!)).to.include({ company: String(organizationOf("two persons")) });
      const [note] = await setting.look<{ deleted: boolean }>("select deleted from pipedrive.persons where id = $1", [
        ids["loser"],
      ]);
      expect(note).to.deep.equal({ deleted: true });
      const found = await rows("notes", ids["note of loser"]!);
      expect(found).to.have.length(1);
    });

    it("two deals are merged", async () => {
      expect(await row("licenses", dealOf("deal survivor"))).to.include({
        company: String(organizationOf("deal survivor")),
      });
      expect(await row("licenses", dealOf("deal merged away"))).to.include({ value: "100" });
    });

    it("a deleted deal is restored", async () => {
      expect(await row("licenses", dealOf("restored"))).to.include({ value: "100" });
    });

    it("a won deal is archived", async () => {
      expect(await row("licenses", dealOf("archived"))).to.include({ value: "250" });
    });

    it("a deal comes back from the archive", async () => {
      expect(await row("licenses", dealOf("unarchived"))).to.include({ value: "260" });
    });

    it("a record is shown to the token's user that was hidden", async () => {
      expect(await row("licenses", dealOf("revealed"))).to.include({ value: "100" });
    });

    it("a lead becomes a deal", async () => {
      await row("licenses", dealOf("converted"));
      expect(await row("notes", ids["note of lead"]!)).to.include({ company: String(organizationOf("converted")) });
    });

    it("a deal gets another owner", async () => {
      const { custom } = await row("licenses", dealOf("owner changed"));
      expect((custom as JsonObject)["Owner"]).to.equal(setting.sandbox.account.users[1]!["email"]);
    });

    it("a record is hidden from the token's user", async () => {
      expect(await row("licenses", dealOf("hidden"))).to.include({ to_date: null });
      expect(await row("companies", organizationOf("organization hidden"))).to.include({ name: "organization hidden" });
      expect(await row("licenses", dealOf("organization hidden"))).to.include({ value: "333" });
    });

    it("the account's currency changes", async () => {
      expect(await row("licenses", dealOf("currency"))).to.include({ currency: "EUR" });
    });

    it("a note is linked to another organization", async () => {
      expect(await row("notes", ids["note moved"]!)).to.include({ company: String(organizationOf("new home")) });
    });

    it("a person moves to another organization", async () => {
      expect(await row("endusers", ids["mover"]!)).to.include({ company: String(organizationOf("new home")) });
    });

    it("the options of a field are put in another order", async () => {
      const { custom } = await row("licenses", dealOf("reordered"));
      expect((custom as JsonObject)["Type"]).to.equal("Services");
    });

    it("audit explains whatever is left", async () => {
      const { status, stdout } = await setting.run(["audit"]);
      expect(status, stdout).to.equal(0);
      expect(stdout).to.contain("Pipedrive does not let the token's user see it: use an administrator's API token");
    });

    it("a field is deleted and made anew under its label with another type", async () => {
      const { definitions } = setting.sandbox.store;
      definitions.deleteField("deals", "Deal type");
      const { field_code: key } = definitions.addField("deals", ["Deal type", "varchar"]);
      const typed = (value: string) =>
        setting.sandbox.store.update("deals", dealOf("reordered"), { custom_fields: { [key]: value } });
      const type = async () => ((await row("licenses", dealOf("reordered")))["custom"] as JsonObject)["Type"];
      typed("Anything");
      await setting.hourPasses();
      const waiting = await setting.sync();
      expect(waiting.held.map(({ what }) => what).join()).to.match(/the word `Deal type` of the mapping/);
      expect(await type()).to.equal("Services");
      expect((await setting.sync("--yes")).held).to.deep.equal([]);
      typed("Something else");
      await setting.sync();
      expect(await type()).to.equal("Something else");
    });

    it("the account's plan has no room for what is to be made in Pipedrive", async () => {
      const { store } = setting.sandbox;
      const made = () => store.find("organizations", () => true).filter(({ name }) => name === "Born in Planhat");
      setting.map({
        "organizations.yaml": mapping["organizations.yaml"].replace(
          "model: company\n",
          "model: company\ndirection: both\ncreate_in_pipedrive: true\n",
        ),
      });
      await setting.look("insert into planhat.companies (name) values ('Born in Planhat')");
      store.planLimits.organizations = 1;
      const refused = await setting.sync("--yes");
      expect(refused.sent.organizations.created).to.equal(0);
      const [{ reason } = { reason: "" }] = await setting.look<{ reason: string }>(
        "select reason from connector.rejections where reason like '%Born in Planhat%'",
      );
      expect(reason).to.contain("The Pipedrive account's plan has no room for POST /api/v2/organizations (403: ");
      expect(reason).to.contain("Organizations limit reached., feature_capping_organizations_limit");
      expect(made()).to.deep.equal([]);
      delete store.planLimits.organizations;
      expect((await setting.sync()).sent.organizations.created).to.equal(1);
      expect(made()).to.have.length(1);
    });
  });
});

const email = (name: string) => ({ value: `${name}@acme.test`, primary: true });

const mapping = {
  "organizations.yaml": "stream: organizations\nmodel: company\nfields:\n  - {planhat: name, pipedrive: name}\n",
  "persons.yaml": `stream: persons
model: enduser
fields:
  - {planhat: email, pipedrive: emails.primary}
  - {planhat: lastName, pipedrive: last_name}
`,
  "notes.yaml": "stream: notes\nmodel: note\nfields:\n  - {planhat: description, pipedrive: content}\n",
  "deals.yaml": `stream: deals
start_date: [local_won_date, won_time]
models:
  - model: license
    fields:
      - {planhat: _currency, pipedrive: currency}
      - {planhat: fromDate, pipedrive: $start_date}
      - {planhat: value, pipedrive: value}
      - {planhat: custom.Owner, pipedrive: $owner.email}
      - {planhat: custom.Type, pipedrive: Deal type}
`,
};

describe("docs/living-account.md", () => {
  it("names a test for each line", () => {
    const text = readFileSync(`${packageRoot}docs/living-account.md`, "utf8");
    const lines = [...text.matchAll(/^\| (.+?) \| .+ \| `(test\/.+)` \|$/gm)].flatMap(([line, event, files]) =>
      files!.split("`, `").map((file) => [line, event, file] as const),
    );
    expect(lines.length).to.be.greaterThan(30);
    const own = readFileSync(`${packageRoot}test/commands/sync/living-account.test.ts`, "utf8");
    for (const [, event, file] of lines) {
      expect(existsSync(`${packageRoot}${file}`), file).to.equal(true);
      if (file!.endsWith("living-account.test.ts")) expect(own).to.contain(`it("${event}"`);
    }
  });
});
