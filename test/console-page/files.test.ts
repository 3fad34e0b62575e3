import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import type { Page } from "playwright-core";
import { onServerFirst } from "../databases.ts";
import { emptyAccount, type SandboxSync, sandboxSync, wonDeal } from "../sandbox-sync.ts";
import type { Tab } from "./browser.ts";
import { type OpenConsole, openConsole } from "./running-console.ts";

const variables = "# Ours.\nexport PIPEDRIVE_API_TOKEN='a-token-of-last-year'   # from Ana\nOTHER=1\n";

onServerFirst((kind) => {
  describe("the files behind the console", function () {
    this.timeout(240_000);
    let setting: SandboxSync;
    let opened: OpenConsole | undefined;
    let tab: Tab;
    let page: Page;
    let config: string;
    const text = (name: string) => readFileSync(join(setting.place.folder, name), "utf8");

    before(async () => {
      setting = await sandboxSync(kind, emptyAccount);
      for (const name of ["Alpha", "Beta"]) wonDeal(setting.sandbox, {}, { name });
      await setting.sync();
      config = `# Of us.
company_url: ${setting.sandbox.url}
api_token: \${PIPEDRIVE_API_TOKEN}   # in .env

database: ${setting.location}
`;
      setting.place.write("config.yaml", config);
      setting.place.write(".env", variables);
      opened = await openConsole(setting);
      ({ tab, page } = opened);
    });
    after(async () => {
      await opened?.close();
      await setting?.close();
    });

    it("a token is tried, then written to where it is, and never shown", async () => {
      const { token } = setting.sandbox;
      await tab.open("settings");
      const save = page.getByRole("button", { name: "Save authorization" });
      const address = page.getByRole("textbox", { name: "Company URL" });
      await address.fill("https://other.pipedrive.com");
      await save.click();
      await page.getByText("The sign-in in use is not sent to another address, https://other.pipedrive.com.").waitFor();
      await address.fill(setting.sandbox.url);
      await page.getByLabel("New API token").fill("no-token-of-anybody");
      await save.click();
      // The page says it once, because the service does not start; the form says it of the new token.
      await page.getByText("Pipedrive refused the API token").nth(1).waitFor();
      expect(text(".env")).to.equal(variables);
      await tab.fits("a refused token");
      await page.getByLabel("New API token").fill(token);
      await save.click();
      await page.getByText("Pipedrive answers as Fjord & Field. Written to .env.").waitFor();
      expect(text(".env")).to.equal(variables.replace("'a-token-of-last-year'", token));
      expect(text("config.yaml")).to.equal(config);
      expect(existsSync(join(setting.place.folder, ".env.old")), "the old token is kept").to.equal(false);
      const told = await page.evaluate<string>("fetch('/console/api/settings').then((one) => one.text())");
      expect(told + (await page.content())).not.to.include(token);
      await tab.open("");
      await page.getByRole("button", { name: "Sync now" }).click();
      await page.locator("tbody tr").filter({ hasText: "in the console" }).getByText("Succeeded").waitFor();

      // The service does not run without a token, and starts again with each change of the config.
      tab.expected(/status of (?:400|503)/);
      tab.expectQuiet();
    });

    it("the shipped mapping is no file to change, and becomes files as mapping init writes them", async () => {
      await tab.open("settings/organizations");
      await page.getByText("The mapping is the one that the package ships, and").waitFor();
      for (const control of await page.locator("fieldset.bare :is(select, input)").all())
        expect(await control.isDisabled()).to.equal(true);
      await tab.look("shipped mapping");
      await tab.open("mapping/deals");
      await page.getByRole("button", { name: "Make mapping files" }).click();
      await page.getByText("What stands in").waitFor();
      await page.getByRole("button", { name: "Make mapping files" }).waitFor({ state: "detached" });
      expect(text("config.yaml")).to.equal(`${config}mappings: ./mappings\n`);
      const { stdout } = await setting.run(["mapping", "init", "--json"]);
      const { files } = JSON.parse(stdout) as { files: { file: string; action: string }[] };
      expect(files.map(({ file, action }) => `${file} ${action}`)).to.deep.equal([
        "mappings/deals.yaml unchanged",
        "mappings/organizations.yaml unchanged",
        "mappings/persons.yaml unchanged",
        "mappings/notes.yaml unchanged",
      ]);
      // The service does not run without a token, and starts again with each change of the config.
      tab.expected(/status of (?:400|503)/);
      tab.expectQuiet();
    });

    it("a file that changed underneath stays, and one that cannot be written is offered as a patch", async () => {
      const drawer = page.locator(".drawer");
      const change = async () => {
        await tab.open("settings/organizations");
        await page.getByRole("radio", { name: "None" }).check({ force: true });
        await page.getByRole("button", { name: "Save settings…" }).click();
        await drawer.locator(".diff .p").filter({ hasText: "direction: none" }).waitFor();
      };
      await change();
      const byHand = `${text("mappings/organizations.yaml")}# By hand, meanwhile.\n`;
      setting.place.write("mappings/organizations.yaml", byHand);
      await drawer.getByRole("button", { name: "Save 1 file" }).click();
      await drawer.getByText("changed since the page read it").waitFor();
      expect(text("mappings/organizations.yaml")).to.equal(byHand);

      await page.route("**/api/edit/propose", async (route) => {
        const response = await route.fetch();
        const proposed = (await response.json()) as { files: { writable: boolean }[] };
        for (const file of proposed.files) file.writable = false;
        await route.fulfill({ response, json: proposed });
      });
      page.on("dialog", (dialog) => void dialog.accept());
      await change();
      const patch = await drawer.getByRole("textbox", { name: /^Patch of/ }).inputValue();
      expect(patch).to.match(/^--- a\/mappings\/organizations.yaml\n\+\+\+ b\/mappings\/organizations.yaml\n@@ /);
      expect(patch).to.include("\n-direction: receive\n+direction: none\n");
      expect(await drawer.getByRole("button", { name: "Save 1 file" }).isDisabled()).to.equal(true);
      await tab.look("a patch");
      await page.unroute("**/api/edit/propose");
      // The service does not run without a token, and starts again with each change of the config.
      tab.expected(/status of (?:400|503)/);
      tab.expectQuiet();
    });
  });
});
