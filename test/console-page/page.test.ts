import { once } from "node:events";
import { get, type IncomingMessage } from "node:http";
import { expect } from "chai";
import type { Browser } from "playwright-core";
import { onServerFirst } from "../databases.ts";
import { type SandboxSync, sandboxSync, wonDeal } from "../sandbox-sync.ts";
import { openTab, startBrowser, type Tab } from "./browser.ts";
import { type RunningConsole, startConsole } from "./running-console.ts";

/** A text that would be a script if a page took it for markup. */
const attack = `<img src=x onerror="document.title='taken'"><script>document.title='taken'</script>`;

onServerFirst((kind) => {
  describe("the page of the console", function () {
    this.timeout(240_000);
    let setting: SandboxSync;
    let served: RunningConsole;
    let browser: Browser;
    let tab: Tab;
    let won: { dealId: number; organizationId: number };
    let open: number;
    let run: string;
    let licenses: number;

    before(async () => {
      setting = await sandboxSync(kind);
      won = wonDeal(setting.sandbox, { title: `Deal ${attack}` }, { name: `Acme ${attack}` });
      open = wonDeal(setting.sandbox, { title: "Still open", status: "open", won_time: null }, { name: "Beta" }).dealId;
      // A sale that Planhat would refuse, and a deal of an organization that nobody may see, are rejections.
      setting.sandbox.store.create("deals", {
        title: "Hidden",
        status: "won",
        won_time: "2026-01-31T10:00:00Z",
        org_id: 999_999,
        value: 1,
        currency: "EUR",
        pipeline_id: 1,
        stage_id: 1,
      });
      const summary = await setting.sync();
      run = summary.run;
      licenses = summary.models.license.created;
      served = await startConsole(setting);
      browser = await startBrowser();
      tab = await openTab(browser, served.url);
      await tab.page.goto(served.link);
    });
    after(async () => {
      await browser?.close();
      await served?.end();
      await setting?.close();
    });

    it("is signed in by the link that console printed, which works once", async () => {
      await tab.page.getByRole("heading", { name: "Overview", level: 1 }).waitFor();
      expect(new URL(tab.page.url()).pathname).to.equal("/console/");
      const other = await openTab(browser, served.url);
      const answer = await other.page.goto(served.link);
      expect(answer!.status()).to.equal(403);
      await other.page.close();
      tab.expectQuiet();
    });

    it("comes packed, for whoever takes that: at most 80 KB of its own files", async () => {
      const document = await (await fetch(served.url)).text();
      const paths = [...document.matchAll(/assets\/[^"']+\.(?:js|css)/g)].map(([path]) => path);
      expect(paths).to.have.length.of.at.least(2);
      const received = async (accepted: string) => {
        let bytes = 0;
        for (const path of paths) {
          const [answer] = (await once(
            get(served.url + path, { headers: { "accept-encoding": accepted } }),
            "response",
          )) as [IncomingMessage];
          expect(answer.headers["content-encoding"], path).to.equal(accepted === "identity" ? undefined : accepted);
          expect(answer.headers.vary, path).to.equal("accept-encoding");
          for await (const chunk of answer) bytes += (chunk as Buffer).length;
        }
        return bytes;
      };
      const whole = await received("identity");
      expect(await received("br")).to.be.lessThan(80_000);
      expect(await received("gzip")).to.be.lessThan(80_000);
      expect(whole).to.be.greaterThan(100_000);
    });

    it("is accessible in light and dark, and fits a telephone; every page is in make test-long", async () => {
      for (const [name, path] of Object.entries({
        overview: "",
        company: "companies/1",
        explain: `explain/deals/${open}`,
      })) {
        await tab.open(path);
        await tab.look(name);
        await tab.dress(360, "dark");
        await tab.fits(name);
        await tab.dress(1440, "light");
      }
      await tab.dress(1440, "dark");
      await tab.open("problems");
      await tab.look("problems");
      await tab.dress(1440, "light");
      tab.expectQuiet();
    });

    it("tells in words what state everything is in, and counts what waits", async () => {
      const { page } = tab;
      await tab.open("");
      expect(await page.locator(".now").innerText()).to.include(`${licenses} licenses`);
      expect(await page.locator(".top .st").innerText()).to.equal("Waiting for you: 1");
      expect(await page.locator(".nav .n").innerText()).to.match(/^1/);
      const deals = page.getByRole("row", { name: /^Deals/ });
      expect(await deals.innerText()).to.include("1 rejected");
      await deals.getByRole("link").click();
      await page.getByRole("heading", { name: "Problems" }).waitFor();
      await page.locator("article").getByText("Hidden", { exact: true }).waitFor();
      tab.expectQuiet();
    });

    it("takes no text of a record for markup", async () => {
      const { page } = tab;
      await tab.open("companies?q=Acme");
      await page.locator("tbody a").first().click();
      await page.locator(".drawer").getByText("<img src=x").first().waitFor();
      for (const path of [`explain/deals/${won.dealId}`, `runs/${run}`]) {
        await tab.open(path);
        await page.getByText("<img src=x").first().waitFor();
        expect(await page.title()).not.to.equal("taken");
        expect(await page.locator("img").count()).to.equal(0);
      }
      tab.expectQuiet();
    });

    it("a search by id, title, name or pasted address leads to why a deal is not there", async () => {
      const { page } = tab;
      for (const text of ["Still open", `https://x.pipedrive.com/deal/${open}`, `deal ${open}`]) {
        await tab.open("companies");
        await page.keyboard.press("Tab");
        const search = page.getByRole("combobox", { name: /Why is it not there/ });
        await search.fill(text);
        await page.getByRole("option").filter({ hasText: "Still open" }).first().waitFor();
        await search.press("Enter");
        await page.getByRole("heading", { name: "Still open", level: 1 }).waitFor();
        expect(new URL(page.url()).pathname).to.equal(`/console/explain/deals/${open}`);
      }
      await page.getByText("Not in Planhat: it is not won.").waitFor();
      expect(await page.locator("tr.fail").first().innerText()).to.match(/Fails\s+Status/);
      const link = page.getByRole("link", { name: "Open in Pipedrive" });
      expect(await link.getAttribute("href")).to.match(new RegExp(`^https://[\\w.-]+/deal/${open}$`));
      tab.expectQuiet();
    });

    it("is worked by the keyboard alone: menu, drawer, and back to where one was", async () => {
      const { page } = tab;
      await tab.open("companies");
      await page.keyboard.press("Tab");
      expect(await page.evaluate("document.activeElement.textContent.trim()")).to.equal("Skip to the page");
      await page.keyboard.press("Enter");
      expect(await page.evaluate("document.activeElement.id")).to.equal("main");
      const first = page.locator("tbody a").first();
      await first.focus();
      await page.keyboard.press("Enter");
      const drawer = page.getByRole("complementary").filter({ has: page.getByRole("button", { name: "Close" }) });
      await drawer.getByText("Attributes").waitFor();
      expect(await page.evaluate("document.querySelector('.drawer').contains(document.activeElement)")).to.equal(true);
      await page.keyboard.press("Escape");
      await drawer.waitFor({ state: "detached" });
      expect(new URL(page.url()).pathname).to.equal("/console/companies");
      await page.locator("tbody a:focus").waitFor();
      await tab.dress(360, "light");
      await page.getByRole("button", { name: "Menu" }).press("Enter");
      await page.getByRole("navigation", { name: "Pages" }).getByRole("link", { name: "Runs" }).press("Enter");
      await page.getByRole("heading", { name: "Runs", level: 1 }).waitFor();
      await tab.dress(1440, "light");
      tab.expectQuiet();
    });

    it("keeps sort, filter and page in the address", async () => {
      const { page } = tab;
      await tab.open("companies?sort=licenses&down=1");
      const head = page.getByRole("columnheader", { name: /Licenses/ });
      expect(await head.getAttribute("aria-sort")).to.equal("descending");
      const counts = (
        await page.locator("tbody td.num:nth-of-type(3), tbody td:nth-of-type(2).num").allInnerTexts()
      ).map(Number);
      expect(counts).to.deep.equal([...counts].sort((one, other) => other - one));
      await page.getByRole("searchbox", { name: /Find companies/ }).fill("Acme");
      await page.waitForURL(/q=Acme/);
      await page.getByText("1 company").waitFor();
      expect(await page.locator("tbody tr").count()).to.equal(1);
      await page.reload();
      await page.getByText("1 company").waitFor();
      tab.expectQuiet();
    });

    it("shows what a run changed, and the command that does the same", async () => {
      const { page } = tab;
      await tab.open("runs");
      await page.locator("tbody a").first().click();
      await page.getByRole("heading", { name: "Fetch All", level: 1 }).waitFor();
      expect(await page.locator("footer code").innerText()).to.equal(`$ pipedrive-planhat runs ${run.slice(0, 8)}`);
      await page
        .getByText(/license .*created|created, \d+ licenses/)
        .first()
        .waitFor();
      tab.expectQuiet();
    });
  });
});
