import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import type { Browser, Page } from "playwright-core";
import { type Sandbox, startSandbox } from "../../connector/sandbox/server.ts";
import { emptyLocation, onServerFirst, removeLocation } from "../databases.ts";
import { makeWorkplace, runBin, type Workplace } from "../run-bin.ts";
import { wonDeal } from "../sandbox-sync.ts";
import { openTab, startBrowser, type Tab } from "./browser.ts";
import { type RunningConsole, startConsole } from "./running-console.ts";

onServerFirst((kind) => {
  describe("the first hour on the page", function () {
    this.timeout(240_000);
    let sandbox: Sandbox;
    let place: Workplace;
    let location: string;
    let served: RunningConsole;
    let browser: Browser;
    let tab: Tab;
    let page: Page;

    before(async () => {
      sandbox = await startSandbox({ organizations: 0, persons: 0, deals: 0, notes: 0, burstLimit: 1000 });
      const { field_code: start } = sandbox.store.definitions.field("deals", "Contract start");
      wonDeal(sandbox, { custom_fields: { [start]: "2026-03-01" } }, { name: "Alpha" });
      wonDeal(sandbox, { pipeline_id: 2, stage_id: 6 }, { name: "Beta" });
      wonDeal(sandbox, { status: "open", won_time: null }, { name: "Gamma" });
      place = makeWorkplace();
      location = kind === "server" ? await emptyLocation("server") : "";
      const run: Parameters<typeof startConsole>[0]["run"] = (args, onStart) =>
        runBin(place.folder, args, onStart === undefined ? {} : { onStart });
      served = await startConsole({ run });
      browser = await startBrowser();
      tab = await openTab(browser, served.url);
      page = tab.page;
    });
    after(async () => {
      await browser?.close();
      await served?.end();
      await sandbox?.close();
      place?.remove();
      if (location) await removeLocation(location);
    });

    /** Looks at the page as everybody sees it: in both colours, and in each width. */
    const look = async (name: string) => {
      for (const width of [360, 768, 1440])
        for (const colours of ["dark", "light"] as const) {
          await tab.dress(width, colours);
          await tab.look(`first hour, ${name}`);
        }
    };

    it("leads from an empty folder to In order, and writes config.yaml, .env and mappings/ alone", async () => {
      await page.goto(served.link);
      await page.getByRole("heading", { name: "Set up", level: 1 }).waitFor();
      expect(await page.getByRole("button", { name: "Fetch All" }).isDisabled()).to.equal(true);
      await look("empty");

      const url = page.getByLabel("Company URL");
      const token = page.getByLabel("API token");
      await url.fill(sandbox.url);
      await token.fill("wrong-token-wrong");
      if (location) await page.getByLabel("Database").fill(location);
      await page.getByRole("button", { name: "Try them" }).click();
      await page.getByRole("alert").getByText("Pipedrive refused the API token").waitFor();
      await look("refused");
      tab.expected(/503/);
      await token.fill(sandbox.token);
      await page.keyboard.press("Enter");
      await page.getByText("3 organizations").waitFor();
      expect(await page.locator(".steps").innerText()).to.include("3 deals");
      expect(await page.getByLabel("Sales").isChecked()).to.equal(true);
      expect(await page.locator("label", { hasText: "Renewals" }).innerText()).to.include("1 won");
      const start = page.locator("label", { hasText: "Contract start" });
      expect(await start.innerText()).to.match(/2026-03-01[\s\S]*NULL[\s\S]*1 of 2/);
      await start.click();
      await page.getByLabel("Renewals").uncheck();

      await page.getByLabel("Token of a private app").fill(sandbox.planhat.token);
      await page.getByLabel("Address of the API").fill(sandbox.planhat.url);
      await page.getByRole("button", { name: "Try the tenant" }).click();
      await page.getByText("with License and Sale: may read and write").waitFor();
      // The tables alone: with a tenant the first publication waits for somebody's consent.
      await page.getByRole("button", { name: "Leave it out" }).click();
      await page.getByLabel("Token of a private app").waitFor();
      await page.getByRole("button", { name: "Count it" }).click();
      await page.getByText("1 license", { exact: true }).waitFor();
      const counted = await page.locator("aside").innerText();
      expect(counted)
        .to.match(/3 deals read/)
        .and.match(/Not won\s+1/)
        .and.match(/Pipeline not selected\s+1/);
      expect(counted)
        .to.match(/API tokens\s+\d+/)
        .and.match(/less than a minute/);
      expect(readdirSync(place.folder), "before Fetch All").to.deep.equal([]);
      await look("counted");

      await page.getByRole("button", { name: "Fetch All" }).click();
      await page.getByText("1 license created").waitFor();
      await look("done");
      const data = location ? [] : ["planhat-data"];
      expect(readdirSync(place.folder).sort()).to.deep.equal(
        [".env", ".gitignore", "config.yaml", "mappings", ...data].sort(),
      );
      const deals = readFileSync(join(place.folder, "mappings/deals.yaml"), "utf8");
      expect(deals).to.contain("start_date: [Contract start, local_won_date, won_time]");
      expect(deals).to.match(/^pipelines: \[Sales, Partners\]/m);
      expect(readFileSync(join(place.folder, "config.yaml"), "utf8")).not.to.contain(sandbox.token);
      expect(readFileSync(join(place.folder, ".env"), "utf8")).not.to.contain(sandbox.planhat.token);
      await page.getByRole("link", { name: "Go to the overview" }).click();
      await page.getByRole("heading", { name: "Overview", level: 1 }).waitFor();
      await page.locator(".top").getByText("In order").waitFor();
      const told = (await page.evaluate("document.documentElement.outerHTML")) as string;
      for (const secret of [sandbox.token, sandbox.planhat.token]) expect(told).not.to.contain(secret);
      expect(existsSync(join(place.folder, "config.yaml.old"))).to.equal(false);
      tab.expectQuiet();
    });
  });
});
