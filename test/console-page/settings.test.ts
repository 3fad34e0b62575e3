import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import type { Page } from "playwright-core";
import { onServerFirst } from "../databases.ts";
import { type PlanhatSync, planhatSync } from "../planhat-sync.ts";
import { wonDeal } from "../sandbox-sync.ts";
import type { Tab } from "./browser.ts";
import { type OpenConsole, openConsole } from "./running-console.ts";

/** Files with everything that an editor could spoil: comments in odd places, two styles, blanks, quotation marks. */
const organizations = `# Companies, as the team wants them.
stream: organizations
model: company
direction: receive      # nothing goes back
fields:
  - planhat: name
    pipedrive: 'name'   # as people know it

  # Matched by hand:
  - {planhat: city, pipedrive: address.locality}
`;
const deals = `stream:   deals
direction: receive
pipelines: [Sales, Renewals, Partners]   # what counts
start_date: [won_time]

models:
  # Every deal of ours:
  - model: license
    fields:
      - {planhat: _currency, pipedrive: currency}
      - {planhat: fromDate, pipedrive: $start_date}
      - {planhat: value, pipedrive: value}
      - {planhat: product, pipedrive: title}
# The end.
`;

onServerFirst((kind) => {
  describe("the settings of the console", function () {
    this.timeout(240_000);
    let setting: PlanhatSync;
    let opened: OpenConsole | undefined;
    let tab: Tab;
    let page: Page;
    let renewal: number;
    const text = (name: string) => readFileSync(join(setting.place.folder, "mappings", name), "utf8");
    const drawer = () => page.locator(".drawer");
    /** Returns the companies as the console tells them: it has an embedded database to itself. */
    const companies = () =>
      page.evaluate<{ name: string; custom: Record<string, unknown>; licenses: number; sales: number }[]>(
        "fetch('/console/api/companies?sort=id').then((one) => one.json()).then(({ companies }) => companies)",
      );
    const review = async () => {
      await page.getByRole("button", { name: "Save settings…" }).click();
      await drawer().getByRole("heading", { level: 2 }).waitFor();
    };

    before(async () => {
      setting = await planhatSync(kind);
      const { store } = setting.sandbox;
      const tier = store.definitions.field("organizations", "Tier").field_code;
      const type = store.definitions.field("deals", "Deal type").field_code;
      const optionOf = (stream: "organizations" | "deals", label: string, option: string | null) =>
        option === null ? null : (store.definitions.option(stream, label, option).id as number);
      const add = (name: string, level: string | null, kindOfDeal: string | null, pipeline = 1) =>
        wonDeal(
          setting.sandbox,
          {
            title: `${name} plan`,
            pipeline_id: pipeline,
            stage_id: pipeline === 1 ? 1 : 6,
            custom_fields: { [type]: optionOf("deals", "Deal type", kindOfDeal) },
          },
          { name, custom_fields: { [tier]: optionOf("organizations", "Tier", level) } },
        ).dealId;
      add("Alpha", "Gold", "One-off");
      add("Beta", "Silver", "One-off");
      renewal = add("Gamma", "Bronze", "Subscription", 2);
      add("Delta", null, null);
      setting.configure("brake: {share: 0.1, rows: 1}\n");
      setting.map({ "organizations.yaml": organizations, "deals.yaml": deals });
      await setting.sync();
      opened = await openConsole(setting);
      ({ tab, page } = opened);
    });
    after(async () => {
      await opened?.close();
      await setting?.close();
    });

    it("a custom match shows its values as one chooses, and is saved as a person would have typed it", async () => {
      await tab.open("settings/organizations");
      await page.getByRole("textbox", { name: "Custom field of Planhat" }).fill("Tier");
      await page.getByLabel("Pipedrive field of the new match").selectOption("Tier");
      await page.getByLabel("Direction of the new match").selectOption("receive");
      await page.getByText("3 of 4 companies get a value · 1 becomes NULL").waitFor();
      const samples = await page.locator(".smp li").allInnerTexts();
      expect(samples.map((one) => one.replace(/\s+/g, " ").trim())).to.have.members([
        "Gold Alpha",
        "Silver Beta",
        "Bronze Gamma",
        "NULL Delta",
      ]);
      await tab.look("custom match");
      await page.getByRole("button", { name: "Add the match" }).click();
      await page.getByText("1 change not saved").waitFor();
      await review();
      await drawer().getByText("4 companies updated").waitFor();
      const added = "  - planhat: custom.Tier\n    pipedrive: Tier\n    direction: receive\n";
      for (const line of added.trimEnd().split("\n"))
        await drawer().locator(".diff .p").filter({ hasText: line.trim() }).waitFor();
      await tab.look("settings to save");
      expect(text("organizations.yaml"), "nothing is written yet").to.equal(organizations);
      await drawer().getByRole("button", { name: "Save 1 file" }).click();
      await page.getByText("Saved.").waitFor();
      expect(text("organizations.yaml")).to.equal(organizations + added);
      expect(text("organizations.yaml.old")).to.equal(organizations);
      expect(text("deals.yaml")).to.equal(deals);
      const tiers = (await companies()).map(({ name, custom }) => [name, custom["Tier"]]);
      expect(tiers).to.deep.equal([
        ["Alpha", "Gold"],
        ["Beta", "Silver"],
        ["Gamma", "Bronze"],
        ["Delta", null],
      ]);
      tab.expectQuiet();
    });

    it("a pipeline is deselected: its rows are told as kept before and after, and say why", async () => {
      await tab.open("settings/deals");
      await page.getByRole("checkbox", { name: "Renewals" }).uncheck();
      await review();
      await drawer().getByText("1 row of deals is kept").waitFor();
      await drawer().getByText("No row changes.").waitFor();
      await drawer().getByRole("button", { name: "Save 1 file" }).click();
      await page.getByText("Saved.").waitFor();
      expect(text("deals.yaml")).to.equal(
        deals.replace("[Sales, Renewals, Partners]   # what counts", "[Sales, Partners]             # what counts"),
      );
      expect((await companies()).map(({ licenses }) => licenses)).to.deep.equal([1, 1, 1, 1]);
      await tab.open(`explain/deals/${renewal}`);
      await page.getByText("In Planhat, kept and not updated any more: its pipeline is not selected.").waitFor();
      expect(await page.locator("tr.fail").first().innerText()).to.match(/Pipeline/);
      await tab.open("companies");
      await page.getByRole("link", { name: "Gamma" }).click();
      await drawer().getByText("pipeline not selected").first().waitFor();
      await tab.fits("a kept row");
      tab.expectQuiet();
    });

    it("licenses become sales with consent, in Planhat too, and are undone again from Runs", async () => {
      const before = text("deals.yaml");
      await tab.open("settings/deals");
      await page.getByLabel("Deals become sales where").selectOption({ label: "Deal type is One-off" });
      await review();
      await drawer().getByText("2 licenses become sales.").waitFor();
      await drawer().getByText("In Planhat 2 licenses are removed, 2 sales are created.").waitFor();
      await drawer().getByText("The brake stops this: 2").waitFor();
      await tab.look("a rule to save");
      await drawer().getByRole("button", { name: "Save, and agree to 2" }).click();
      await page.getByText("Saved.").waitFor();
      const rule = `  - model: sale
    when: {field: Deal type, in: [One-off]}
    fields:
      - planhat: _currency
        pipedrive: currency
      - planhat: salesDate
        pipedrive: $start_date
      - planhat: value
        pipedrive: value
      - planhat: product
        value: One-off
`;
      expect(text("deals.yaml")).to.equal(before.replace("models:\n", `models:\n${rule}`));
      const counts = async () => (await companies()).map(({ licenses, sales }) => `${licenses} ${sales}`);
      expect(await counts()).to.deep.equal(["0 1", "0 1", "1 0", "1 0"]);
      await expectPublished(2, 2);
      await tab.open("runs");
      const changing = page.locator("tbody tr").filter({ has: page.getByRole("cell", { name: "2", exact: true }) });
      await changing.first().getByRole("link").click();
      await page.locator(".now").getByText("2 sales").waitFor();
      await page.getByRole("button", { name: "Undo…" }).click();
      const undo = drawer().getByRole("button", { name: /^Undo \d+ changes?$/ });
      await undo.waitFor();
      await tab.fits("undo of a rule");
      await undo.click();
      await page.getByRole("heading", { name: /^Undo of/ }).waitFor();
      expect(await counts()).to.deep.equal(["1 0", "1 0", "1 0", "1 0"]);
      await expectPublished(4, 0);
      tab.expectQuiet();
    });

    async function expectPublished(licenses: number, sales: number): Promise<void> {
      for (const until = Date.now() + 30_000; ; await page.waitForTimeout(100)) {
        const found = [setting.objects("licenses").size, setting.objects("sales").size];
        if ((found[0] === licenses && found[1] === sales) || Date.now() > until)
          return void expect(found).to.deep.equal([licenses, sales]);
      }
    }
  });
});
