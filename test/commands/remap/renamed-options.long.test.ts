import { expect } from "chai";
import type { Summary } from "../../../connector/sync/summary.ts";
import { eachDatabase } from "../../databases.ts";
import { type TypedDeals, typedDeals, typedMapping } from "../../typed-deals.ts";

/** Runs a sync that must exit 0 and returns its output. */
async function sync(setting: TypedDeals, ...options: string[]): Promise<{ summary: Summary; stderr: string }> {
  const { status, json, stderr } = await setting.ask("sync", ...options);
  expect(status, stderr).to.equal(0);
  return { summary: json as unknown as Summary, stderr };
}

async function rejections(setting: TypedDeals) {
  return setting.look<{ record_id: number; reason: string }>(
    "select record_id::int, reason from connector.rejections order by record_id",
  );
}

describe("what people do to options and fields in Pipedrive moves no row", () => {
  eachDatabase((_open, kind) => {
    let setting: TypedDeals;
    let before: Awaited<ReturnType<TypedDeals["rows"]>>;
    beforeEach(async () => {
      setting = await typedDeals(kind);
      await setting.sync("--yes");
      before = await setting.rows();
    });
    afterEach(() => setting.close());

    it("an option that is renamed holds as before, and a warning names the new word with its place", async () => {
      const { ids, sandbox } = setting;
      const expected = {
        [ids.Subscription]: "license Subscription",
        [ids["One-off"]]: "sale One-off",
        [ids.Services]: "sale Services",
        [ids.none]: "license none",
      };
      expect(before).to.deep.equal({ tables: expected, planhat: expected });
      sandbox.store.definitions.renameOption("deals", "Deal type", "One-off", "One off");
      const planned = await setting.ask("plan", "--full");
      expect(planned.json["changes"]).to.deep.equal([]);
      const { summary, stderr } = await sync(setting, "--full");
      expect(summary.status).to.equal("succeeded");
      expect(stderr).to.match(
        /deals\.yaml:6:35: warning: `One-off` is called `One off` in Pipedrive now; it means option \d+/,
      );
      expect(stderr).to.contain("Write `One off`.");
      expect(await setting.rows()).to.deep.equal(before);
      const checked = await setting.ask("mapping", "check");
      expect([checked.status, (checked.json["problems"] as object[]).length]).to.deep.equal([0, 1]);
      expect((await setting.ask("explain", "deals", String(ids["One-off"]))).json["model"]).to.equal("sale");
      expect((await setting.ask("mapping", "preview", "deals", String(ids["One-off"]))).json["model"]).to.equal("sale");
      // The new word means the same once it is written.
      setting.map({ "deals.yaml": typedMapping("{field: Deal type, in: [One off, Services]}") });
      expect((await sync(setting)).stderr).not.to.contain("is called");
      expect(await setting.rows()).to.deep.equal(before);
    });

    it("two options that exchange their labels mean what they meant until somebody agrees", async () => {
      const { definitions } = setting.sandbox.store;
      definitions.renameOption("deals", "Deal type", "One-off", "x");
      definitions.renameOption("deals", "Deal type", "Subscription", "One-off");
      definitions.renameOption("deals", "Deal type", "x", "Subscription");
      const { summary, stderr } = await sync(setting, "--full");
      expect(summary.held).to.have.length(1);
      expect(summary.held![0]!.what).to.match(
        /^the word `One-off` of the mapping, which means option \d+ of Deal type and/,
      );
      expect(summary.held![0]!.remedy).to.contain("`pipedrive-planhat sync --yes` approves it");
      expect(stderr).to.match(
        /deals\.yaml:6:35: warning: `One-off` is the name of option \d+ of Deal type in Pipedrive now/,
      );
      expect(stderr).to.contain("Agree to the new meaning with `sync --yes`, or write `Subscription`.");
      expect(await setting.rows()).to.deep.equal(before);
      expect((await sync(setting, "--yes")).summary.held).to.deep.equal([]);
      const { ids } = setting;
      const turned = {
        ...before.tables,
        [ids.Subscription]: "sale Subscription",
        [ids["One-off"]]: "license One-off",
      };
      expect(await setting.rows()).to.deep.equal({ tables: turned, planhat: turned });
      expect((await sync(setting, "--full")).stderr).not.to.contain("warning");
      expect(await setting.rows()).to.deep.equal({ tables: turned, planhat: turned });
    });

    it("two options that exchange their labels, agreed to by the first run that sees it, turn their rows at once", async () => {
      const { definitions } = setting.sandbox.store;
      definitions.renameOption("deals", "Deal type", "One-off", "x");
      definitions.renameOption("deals", "Deal type", "Subscription", "One-off");
      definitions.renameOption("deals", "Deal type", "x", "Subscription");
      await setting.hourPasses();
      expect((await sync(setting, "--yes")).summary.held).to.deep.equal([]);
      const { ids } = setting;
      const turned = {
        ...before.tables,
        [ids.Subscription]: "sale Subscription",
        [ids["One-off"]]: "license One-off",
      };
      expect(await setting.rows()).to.deep.equal({ tables: turned, planhat: turned });
      expect((await setting.ask("audit")).status).to.equal(0);
    });

    it("an option that is deleted, its id cleared from the deals, takes no sale with it", async () => {
      const { definitions } = setting.sandbox.store;
      definitions.deletedOptions = "are cleared";
      definitions.deleteOption("deals", "Deal type", "One-off");
      const { summary, stderr } = await sync(setting, "--full");
      expect(stderr).to.match(
        /deals\.yaml:6:35: warning: `One-off`, option \d+ of Deal type, was deleted in Pipedrive/,
      );
      expect(await setting.rows()).to.deep.equal(before);
      expect(summary.status).to.equal("partial");
      const [rejection, ...others] = await rejections(setting);
      expect(others).to.deep.equal([]);
      expect(rejection).to.deep.equal({
        record_id: setting.ids["One-off"],
        reason:
          "the row stays what it is, because the model cannot be chosen: its `Deal type` is empty, and `One-off`, which the mapping names, was deleted in Pipedrive",
      });
      expect((await setting.ask("explain", "deals", String(setting.ids["One-off"]))).json["action"]).to.equal("refuse");
      expect((await setting.ask("audit")).status).to.equal(0);
      // An option created again under the same label, with another id, is meant again.
      const [option] = definitions.addOptions("deals", "Deal type", ["One-off"]);
      setting.setType(setting.ids["One-off"], option!.id as number);
      expect((await sync(setting)).summary.status).to.equal("succeeded");
      expect(await setting.rows()).to.deep.equal(before);
      expect(await rejections(setting)).to.deep.equal([]);
    });

    it("an option that is deleted and whose id stays in the deals goes on counting", async () => {
      setting.sandbox.store.definitions.deleteOption("deals", "Deal type", "One-off");
      expect((await sync(setting, "--full")).summary.status).to.equal("succeeded");
      expect(await setting.rows()).to.deep.equal(before);
    });

    it("a field deleted and made anew under its label is another field, until somebody agrees", async () => {
      const { definitions } = setting.sandbox.store;
      definitions.deleteField("deals", "Deal type");
      const gone = await sync(setting, "--full");
      expect(gone.stderr).to.match(/deals\.yaml:6:19: warning: `Deal type`, field [0-9a-f]{40} of deals, was deleted/);
      expect(await setting.rows()).to.deep.equal(before);
      expect(gone.summary.status).to.equal("partial");
      expect((await rejections(setting))[0]!.reason).to.equal(
        "the model cannot be chosen: the field `Deal type` was deleted in Pipedrive",
      );
      definitions.addField("deals", ["Deal type", "enum", ["Subscription", "One-off", "Services"]]);
      const anew = await sync(setting, "--full");
      expect(anew.stderr).to.match(/`Deal type` is the name of field [0-9a-f]{40} of deals in Pipedrive now/);
      expect(await setting.rows()).to.deep.equal(before);
      const { field_code, options } = definitions.field("deals", "Deal type");
      for (const [type, id] of Object.entries(setting.ids)) {
        const option = options!.find(({ label }) => label === type);
        const value = { custom_fields: { [field_code]: option?.id ?? null } };
        setting.sandbox.store.update("deals", id, value);
      }
      const agreed = await sync(setting, "--yes");
      expect(agreed.stderr).not.to.contain("warning");
      expect(agreed.summary.status).to.equal("succeeded");
      expect(await setting.rows()).to.deep.equal(before);
    });
  });
});
