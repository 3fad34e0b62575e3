import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import type { Page } from "playwright-core";
import { onServerFirst } from "../databases.ts";
import { itLong } from "../long.ts";
import { freePort, startServe } from "../running-service.ts";
import { type SandboxSync, sandboxSync, wonDeal } from "../sandbox-sync.ts";
import { openTab, startBrowser, type Tab } from "./browser.ts";
import { type OpenConsole, openConsole } from "./running-console.ts";

/** The mapping of the stories; some city is no option of the lookup, and is rejected. */
const organizations = (name: string) => `stream: organizations
model: company
direction: receive
fields:
  - planhat: name
    ${name}
  - planhat: city
    pipedrive: name
    transform: [{lookup: {Alpha: Arnhem, Beta: Bremen}}]
`;

onServerFirst((kind) => {
  describe("in the console", function () {
    this.timeout(240_000);
    let setting: SandboxSync;
    let opened: OpenConsole | undefined;
    let tab: Tab;
    let page: Page;
    let open: { dealId: number; organizationId: number };
    /** Returns the names in the table; who runs the console on an embedded database has the folder to himself. */
    const names = async () => {
      const rows =
        kind === "server"
          ? await setting.look<{ name: string }>("select name from planhat.companies order by id")
          : await page.evaluate<{ name: string }[]>(
              "fetch('/console/api/companies?sort=id').then((one) => one.json()).then(({ companies }) => companies)",
            );
      return rows.map(({ name }) => name);
    };

    before(async () => {
      setting = await sandboxSync(kind, { organizations: 0, persons: 0, deals: 0, notes: 0 });
      for (const name of ["Alpha", "Beta", "Gamma"]) wonDeal(setting.sandbox, { title: `${name} plan` }, { name });
      open = wonDeal(setting.sandbox, { title: "Delta plan", status: "open", won_time: null }, { name: "Delta" });
      setting.map({ "organizations.yaml": organizations("pipedrive: name") });
      setting.map({
        "deals.yaml": `stream: deals
direction: receive
start_date: [local_won_date, won_time]
models:
  - model: license
    fields:
      - {planhat: _currency, pipedrive: currency}
      - {planhat: fromDate, pipedrive: $start_date}
      - {planhat: value, pipedrive: value}
      - {planhat: product, value: License Fee}
`,
      });
      await setting.sync();
      opened = await openConsole(setting);
      ({ tab, page } = opened);
    });
    after(async () => {
      await opened?.close();
      await setting?.close();
    });

    it("a deal that is not there is explained, mended in Pipedrive, and comes while one watches", async () => {
      await tab.open(`explain/deals/${open.dealId}`);
      await page.getByText("Not in Planhat: it is not won.").waitFor();
      setting.sandbox.store.update("deals", open.dealId, { status: "won", won_time: "2026-03-01T10:00:00Z" });
      await page.getByRole("button", { name: "Sync with Pipedrive" }).click();
      await page.getByText(/In Planhat as license \d+/).waitFor();
      expect(await page.locator("tr.fail").count()).to.equal(0);
      expect(await names()).to.include("Delta");
      // The run is told on every page, with who started it.
      await tab.open("runs");
      const newest = page.locator("tbody tr").first();
      await newest.getByText("Sync with Pipedrive").waitFor();
      expect(await newest.innerText()).to.include("in the console");
      tab.expectQuiet();
    });

    it("problems are dismissed with a word, and the state turns to In order", async () => {
      await tab.open("problems");
      await tab.fits("rejections of a lookup");
      const groups = page.locator("article");
      const before = await groups.count();
      expect(before).to.be.greaterThan(0);
      for (let left = before; left > 0; left--) {
        const group = groups.first();
        await group.getByRole("button", { name: /^Dismiss/ }).click();
        await group.getByRole("textbox").fill("They have no city.");
        await group.getByRole("button", { name: /^Dismiss/ }).click();
        await groups.nth(left - 1).waitFor({ state: "detached" });
      }
      await page.getByText("Nothing waits for anybody").waitFor();
      await page.locator(".top").getByText("In order").waitFor();
      if (kind === "embedded") return tab.expectQuiet();
      const [log] = await setting.look<{ details: { word: string } }>(
        "select details from connector.operators where action = 'rejections dismiss' limit 1",
      );
      expect(log!.details.word).to.equal("They have no city.");
      tab.expectQuiet();
    });

    it("a wrong mapping is undone after its preview, and the names stay through a Fetch All", async () => {
      const before = await names();
      setting.map({ "organizations.yaml": organizations("value: OOPS") });
      await tab.open("");
      await page.getByRole("button", { name: "Sync now" }).click();
      // A sync maps every row again, first, where the mapping changed.
      const remap = page
        .locator("tbody tr")
        .filter({ has: page.getByRole("rowheader", { name: "Sync", exact: true }) });
      await remap.first().getByText("Succeeded").waitFor();
      expect(new Set(await names())).to.deep.equal(new Set(["OOPS"]));
      await remap.first().getByRole("link").click();
      await page.getByRole("button", { name: "Undo…" }).click();
      const drawer = page.locator(".drawer");
      await drawer.getByRole("heading", { name: `Undo ${before.length} changes` }).waitFor();
      await drawer.getByText("OOPS").first().waitFor();
      await tab.look("undo");
      expect(new Set(await names()), "a preview writes nothing").to.deep.equal(new Set(["OOPS"]));
      await drawer.getByRole("button", { name: `Undo ${before.length} changes` }).click();
      await page.getByRole("heading", { name: /^Undo of/ }).waitFor();
      expect(await names()).to.deep.equal(before);
      await tab.open("problems");
      await page.getByText(`${before.length} values`, { exact: true }).first().waitFor();
      await tab.fits("holds");
      await tab.open("");
      await page.getByRole("button", { name: "Fetch All" }).click();
      await page.locator("tbody tr").filter({ hasText: "Fetch All" }).filter({ hasText: "in the console" }).waitFor();
      await page.locator(".runline").waitFor({ state: "detached" });
      expect(await names()).to.deep.equal(before);
      tab.expectQuiet();
    });

    itLong("the mapping is mended in the editor, and what was held ends by itself", async () => {
      await tab.open("mapping/organizations");
      await page.locator(".cm-line").filter({ hasText: "OOPS" }).click();
      await page.keyboard.press("End");
      for (const _letter of "value: OOPS") await page.keyboard.press("Backspace");
      await page.keyboard.type("pipedrive: name");
      await page.getByRole("button", { name: "Review and save…" }).click();
      await page.locator(".drawer").getByText("No row changes.").waitFor();
      await page.locator(".drawer").getByRole("button", { name: "Save 1 file" }).click();
      await page.getByText("The rows are mapped again").waitFor();
      expect(readFileSync(join(setting.place.folder, "mappings/organizations.yaml"), "utf8")).to.equal(
        organizations("pipedrive: name"),
      );
      await tab.open("problems");
      await page.getByText("Nothing waits for anybody").waitFor();
      tab.expectQuiet();
    });

    it("an audit is run, watched and read", async () => {
      await tab.open("audit");
      await page.getByText("Nothing has been compared yet.").waitFor();
      await page.getByRole("button", { name: "Compare now" }).click();
      await page.getByRole("table", { name: "Streams" }).waitFor();
      expect(await page.getByRole("row", { name: /^Deals/ }).innerText()).to.match(/Deals\s+4\s+4/);
      await tab.fits("audit that ran");
      tab.expectQuiet();
    });
  });

  describe("in the console of serve", function () {
    this.timeout(240_000);

    it("a viewer sees all and does nothing; who is signed out loses nothing typed", async () => {
      // SQL beside a service that runs ends a session: only a server admits it.
      const setting = await sandboxSync("server", { organizations: 3, persons: 3, deals: 6, notes: 3 });
      const port = await freePort();
      setting.configure(`schedule: "0 3 1 1 *"
console:
  users:
    - {name: vera, password: "a long password 1", role: viewer}
    - {name: omar, password: "a long password 3", role: operator}
    - {name: edda, password: "a long password 2", role: editor}
`);
      await setting.sync();
      const service = await startServe(setting, port);
      const browser = await startBrowser();
      try {
        const tab = await openTab(browser, `${service.url}/console/`);
        const { page } = tab;
        await tab.open("companies");
        await page.getByRole("button", { name: "Sign in" }).waitFor();
        await tab.look("sign-in");
        const signIn = async (name: string, password: string) => {
          await page.getByLabel("Name").fill(name);
          await page.getByLabel("Password").fill(password);
          await page.getByRole("button", { name: "Sign in" }).click();
        };
        await signIn("vera", "wrong");
        await page.getByText("The name or the password is wrong.").waitFor();
        await signIn("vera", "a long password 1");
        await page.getByRole("heading", { name: "Companies", level: 1 }).waitFor();
        tab.expected(/status of 401/);
        tab.expectQuiet();
        for (const path of ["", "problems", "settings/deals", "mapping/deals", "audit"]) {
          await tab.open(path);
          await tab.fits(`viewer ${path.replace("/", " ")}`);
          const buttons = page.locator("main .btn:not(a)").filter({ hasNotText: /Copy|Next|Back|First|Try again/ });
          for (const button of await buttons.all())
            expect(await button.isDisabled(), await button.innerText()).to.equal(true);
        }
        const signOut = async () => {
          await page.getByRole("button", { name: "Sign out" }).click();
          await page.getByRole("button", { name: "Sign in" }).waitFor();
        };
        await signOut();
        await signIn("omar", "a long password 3");
        await page.getByRole("button", { name: "Sync now" }).click();
        await page.locator("tbody tr").filter({ hasText: "Omar, in the console" }).getByText("Succeeded").waitFor();
        await tab.open("settings/deals");
        expect(await page.getByRole("checkbox", { name: "Won" }).isDisabled(), "an operator changes").to.equal(true);
        await signOut();
        await signIn("edda", "a long password 2");
        await page.getByRole("heading", { name: "Overview", level: 1 }).waitFor();
        await tab.open("settings");
        await page.getByRole("textbox", { name: "API tokens a day" }).fill("20000");
        await page.getByRole("textbox", { name: "API tokens a day" }).blur();
        await page.getByRole("button", { name: "Save settings…" }).click();
        await page.locator(".drawer").getByRole("button", { name: "Save 1 file" }).click();
        await page.getByText("serve takes the config at its next start.").waitFor();
        expect(readFileSync(join(setting.place.folder, "config.yaml"), "utf8")).to.match(
          /\ndaily_token_budget: 20000\n$/,
        );
        // Her session ends while she types.
        await tab.open("companies");
        await setting.look("delete from connector.console_sessions");
        await page.getByRole("searchbox", { name: /Find companies/ }).fill("typed before");
        await page.getByRole("dialog").getByText("Your session has ended").waitFor();
        await page.getByLabel("Password").fill("a long password 2");
        await page.getByRole("button", { name: "Sign in" }).click();
        await page.getByRole("dialog").waitFor({ state: "detached" });
        const acts = await setting.look<{ act: string }>(
          "select name || ': ' || action as act from connector.operators where action not like 'sign-%' order by id",
        );
        expect(acts.map(({ act }) => act)).to.deep.equal(["omar: sync", "edda: save"]);
        expect(await page.getByRole("searchbox", { name: /Find companies/ }).inputValue()).to.equal("typed before");
        tab.expected(/status of 401/);
        tab.expectQuiet();
      } finally {
        await browser.close();
        await service.end();
        await setting.close();
      }
    });
  });
});
