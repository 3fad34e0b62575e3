import { expect } from "chai";
import { onServerFirst } from "../databases.ts";
import { itLong } from "../long.ts";
import { emptyAccount, sandboxSync, wonDeal } from "../sandbox-sync.ts";
import { openConsole } from "./running-console.ts";

const organizations = (direction: string) => `stream: organizations
model: company
direction: ${direction}
fields:
  - {planhat: name, pipedrive: name}
`;

const deals = `stream: deals
direction: receive
start_date: [won_time]
models:
  - model: license
    fields:
      - {planhat: _currency, pipedrive: currency}
      - {planhat: fromDate, pipedrive: $start_date}
      - {planhat: value, pipedrive: value}
      - {planhat: product, pipedrive: title}
`;

onServerFirst((kind) => {
  describe("both ways in the console", function () {
    this.timeout(240_000);

    itLong("a conflict shows both values and who won; the other one is taken, and both sides have it", async () => {
      const setting = await sandboxSync(kind, emptyAccount);
      const { store } = setting.sandbox;
      const nameThere = () => store.collections.organizations.get(organizationId)?.name;
      const { organizationId } = wonDeal(setting.sandbox, {}, { name: "Before" });
      setting.map({ "organizations.yaml": organizations("both"), "deals.yaml": deals });
      await setting.sync();
      await setting.look("update planhat.companies set name = 'By Planhat' where source_id = $1", [
        String(organizationId),
      ]);
      store.update("organizations", organizationId, { name: "By Pipedrive" });
      await setting.sync("--full");
      const { tab, page, close } = await openConsole(setting);
      try {
        await tab.open("problems");
        const conflict = page.getByRole("row", { name: /By Planhat/ });
        expect((await conflict.innerText()).replace(/\s+/g, " ")).to.match(
          /Before By Pipedrive Won By Planhat Lost .*Take Planhat’s…/,
        );
        await tab.look("a conflict");
        await conflict.getByRole("button", { name: "Take Planhat’s…" }).click();
        await conflict.getByText("Then both sides have By Planhat.").waitFor();
        expect(nameThere()).to.equal("By Pipedrive");
        await conflict.getByRole("button", { name: "Take Planhat’s", exact: true }).click();
        await conflict.getByText("The other one was taken").waitFor();
        for (const until = Date.now() + 20_000; Date.now() < until; await page.waitForTimeout(100))
          if (nameThere() === "By Planhat") break;
        expect(nameThere()).to.equal("By Planhat");
        const names = await page.evaluate<{ name: string }[]>(
          "fetch('/console/api/companies').then((one) => one.json()).then(({ companies }) => companies)",
        );
        expect(names.map(({ name }) => name)).to.deep.equal(["By Planhat"]);
        // It is no loop: the next sync finds both sides agreed.
        await tab.open("");
        await page.getByRole("button", { name: "Fetch All" }).click();
        await page
          .locator("tbody tr")
          .filter({ hasText: "Fetch All" })
          .filter({ hasText: "in the console" })
          .getByText("Succeeded")
          .waitFor();
        await tab.open("problems");
        await page.getByText("The other one was taken").waitFor();
        expect(await page.locator("tbody tr").count()).to.equal(1);
        tab.expectQuiet();
      } finally {
        await close();
        await setting.close();
      }
    });

    itLong("what would go to Pipedrive is shown, organization by organization, and goes when agreed", async () => {
      const setting = await sandboxSync(kind, emptyAccount);
      const { store } = setting.sandbox;
      const ids = ["Alpha", "Beta", "Gamma"].map((name) => wonDeal(setting.sandbox, {}, { name }).organizationId);
      setting.map({ "organizations.yaml": organizations("receive"), "deals.yaml": deals });
      await setting.sync();
      setting.map({ "organizations.yaml": organizations("both") });
      await setting.look("update planhat.companies set name = name || ' of Planhat' where name <> 'Gamma'");
      await setting.sync();
      const namesThere = () => ids.map((id) => store.collections.organizations.get(id)?.name);
      const { tab, page, close } = await openConsole(setting);
      try {
        await tab.open("problems");
        const sends = page.getByRole("table", { name: "What would go to Pipedrive" });
        await sends.waitFor();
        const rows = (await sends.locator("tbody tr").allInnerTexts()).map((row) => row.replace(/\s+/g, " ").trim());
        expect(rows).to.deep.equal([
          "Alpha of Planhat name Alpha → Alpha of Planhat",
          "Beta of Planhat name Beta → Beta of Planhat",
        ]);
        expect(namesThere()).to.deep.equal(["Alpha", "Beta", "Gamma"]);
        await tab.look("what would be sent");
        await page.getByRole("button", { name: "Agree…" }).click();
        await page.getByRole("button", { name: "Agree: organizations to change in Pipedrive" }).click();
        await page.getByText("Nothing waits for anybody").waitFor();
        expect(namesThere()).to.deep.equal(["Alpha of Planhat", "Beta of Planhat", "Gamma"]);
        tab.expectQuiet();
      } finally {
        await close();
        await setting.close();
      }
    });
  });
});
