import { expect } from "chai";
import type { JsonObject } from "../../../connector/mapping/value.ts";
import { eachDatabase } from "../../databases.ts";
import { runBin } from "../../run-bin.ts";
import { wonDeal } from "../../sandbox-sync.ts";
import { type TypedDeals, typedDeals, typedMapping } from "../../typed-deals.ts";

const everyKind = `{any: [{pipeline: Renewals}, {field: $stage.name, is: Signed}, {field: $labels, is: Upsell},
      {field: Products, is: Training}, {field: Deal type, matches: "^One"}]}`;

describe("whatever is renamed in Pipedrive, the mapping means the same", () => {
  eachDatabase((_open, kind) => {
    let setting: TypedDeals;
    beforeEach(async () => {
      setting = await typedDeals(kind);
    });
    afterEach(() => setting.close());

    const definitions = () => setting.sandbox.store.definitions;
    const sync = async (...options: string[]) => {
      const ran = await setting.ask("sync", ...options);
      expect(ran.status, ran.stderr).to.equal(0);
      return ran;
    };

    it("pipelines, stages, labels, sets and patterns hold as before", async () => {
      const { store } = setting.sandbox;
      const training = definitions().option("deals", "Products", "Training");
      const products = definitions().field("deals", "Products").field_code;
      const labels = store.fields.deals.find(({ field_code }) => field_code === "label_ids")!.options!;
      const upsell = labels.find(({ label }) => label === "Upsell")!;
      const signed = store.stages.find(({ name }) => name === "Signed")!;
      const sales = [
        { pipeline_id: 2, stage_id: 6 },
        { pipeline_id: 3, stage_id: signed["id"] as number },
        { label_ids: [upsell.id] },
        { custom_fields: { [products]: [training.id] } },
      ].map((deal) => String(wonDeal(setting.sandbox, deal as JsonObject).dealId));
      setting.map({ "deals.yaml": typedMapping(everyKind) });
      await sync("--yes");
      const before = await setting.rows();
      const sold = Object.entries(before.tables).flatMap(([id, row]) => (row.startsWith("sale") ? [id] : []));
      expect(sold).to.have.members([...sales, String(setting.ids["One-off"])]);
      definitions().rename("pipelines", 2, "Extensions");
      definitions().rename("stages", signed["id"] as number, "Closed");
      upsell.label = "More";
      definitions().renameOption("deals", "Products", "Training", "Courses");
      definitions().renameOption("deals", "Deal type", "One-off", "Single");
      const { stderr } = await sync("--full");
      expect(await setting.rows()).to.deep.equal(before);
      for (const [old, now] of [
        ["Renewals", "Extensions"],
        ["Signed", "Closed"],
        ["Upsell", "More"],
        ["Training", "Courses"],
        ["matches ^One", "Single"],
      ]) {
        expect(stderr).to.contain(`\`${old}\` is called \`${now}\` in Pipedrive now`);
      }
    });

    it("a lookup finds what its words meant, renamed or exchanged", async () => {
      const product = "{pipedrive: Deal type, transform: [{lookup: {One-off: Once, Services: Work}, otherwise: Term}]}";
      setting.map({ "deals.yaml": typedMapping("{field: title, is: none}", "", product) });
      await sync("--yes");
      const before = await setting.rows();
      expect(before.tables).to.deep.include({
        [setting.ids["One-off"]]: "license Once",
        [setting.ids.Services]: "license Work",
        [setting.ids.Subscription]: "license Term",
      });
      definitions().renameOption("deals", "Deal type", "One-off", "Once only");
      definitions().renameOption("deals", "Deal type", "Subscription", "Services ");
      const { stderr } = await sync("--full");
      expect(stderr).to.match(/deals\.yaml:\d+:\d+: warning: `One-off` is called `Once only`/);
      expect(await setting.rows()).to.deep.equal(before);
    });

    it("an option that write meets before any sync does is a rejection; its row stays and goes on by itself", async () => {
      await sync("--yes");
      const before = await setting.rows();
      const id = setting.ids["One-off"];
      const [option] = definitions().addOptions("deals", "Deal type", ["Retainer"]);
      setting.setType(id, option!.id as number);
      const record = setting.sandbox.store.get("deals", id)!;
      const config = setting.config();
      setting.place.write("config.yaml", config.replace(/^api_token: .*$/m, "api_token: refused"));
      const line = JSON.stringify({ type: "RECORD", record: { stream: "deals", data: record, emitted_at: 1 } });
      const catalog = {
        streams: [
          {
            stream: { name: "deals", json_schema: {}, supported_sync_modes: ["full_refresh", "incremental"] },
            sync_mode: "incremental",
            destination_sync_mode: "append_dedup",
          },
        ],
      };
      setting.place.write("catalog.json", JSON.stringify(catalog));
      const written = await runBin(setting.place.folder, ["write", "--catalog", "catalog.json"], {
        stdin: true,
        onStart: (child) => child.stdin!.end(`${line}\n`),
      });
      expect(written.status, written.stderr).to.equal(0);
      expect((await setting.rows()).tables).to.deep.equal(before.tables);
      const [rejection] = await setting.look<{ reason: string }>("select reason from connector.rejections");
      expect(rejection!.reason).to.equal(`the model cannot be chosen: ${option!.id} is not an option of the field`);
      setting.place.write("config.yaml", config);
      await sync();
      expect((await setting.rows()).tables[id]).to.equal("license One-off");
    });

    it("labels that look the same are the same, and two fields that do are told apart by what is unseen", async () => {
      const { planhat } = setting;
      definitions().renameField("deals", "Deal type", "Deal\u00a0type ");
      definitions().renameOption("deals", "Deal\u00a0type ", "One-off", "One\u200b-off");
      definitions().renameField("organizations", "Tier", "Cafe\u0301");
      planhat.store.customFields.push({ name: "Cafe\u0301 ", parent: "company", type: "text" });
      setting.map({
        "organizations.yaml":
          "stream: organizations\nmodel: company\ndirection: receive\nfields:\n  - {planhat: name, pipedrive: name}\n  - {planhat: custom.Caf\u00e9, pipedrive: Caf\u00e9}\n",
      });
      const tier = definitions().field("organizations", "Cafe\u0301");
      for (const { id } of setting.sandbox.store.find("organizations", () => true)) {
        setting.sandbox.store.update("organizations", id as number, {
          custom_fields: { [tier.field_code]: tier.options![0]!.id },
        });
      }
      await sync("--yes");
      const { tables } = await setting.rows();
      expect(tables[setting.ids["One-off"]]).to.equal("sale One-off");
      const [company] = [...setting.objects("companies").values()];
      expect(company!["custom"]).to.deep.equal({ "Cafe\u0301 ": "Gold" });
      definitions().addField("deals", ["Deal type", "varchar"]);
      await setting.hourPasses();
      const { status, stderr } = await setting.run(["sync"]);
      expect(status).to.equal(2);
      expect(stderr).to.match(
        /deals\.yaml:6:19: error: The label `Deal type` belongs to 2 fields of deals: [0-9a-f]{40}/,
      );
      expect(stderr).to.contain("(`Deal[U+00A0]type[U+0020]`)");
      expect((await setting.rows()).tables).to.deep.equal(tables);
    });
  });
});
