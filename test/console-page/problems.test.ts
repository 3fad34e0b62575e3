import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { onServerFirst } from "../databases.ts";
import { itLong } from "../long.ts";
import { emptyAccount, sandboxSync, wonDeal } from "../sandbox-sync.ts";
import { openConsole } from "./running-console.ts";

const organizations = (table: string) => `# Companies, with a class of ours.
stream: organizations
model: company
direction: receive
fields:
  - planhat: name
    pipedrive: name
  - planhat: custom.Class   # A is best
    pipedrive: Tier
    transform: [{lookup: ${table}}]
`;

onServerFirst((kind) => {
  describe("the problems of the console", function () {
    this.timeout(240_000);

    itLong("one cause is mended in the mapping beside a record that fails, the other is dismissed", async () => {
      const setting = await sandboxSync(kind, emptyAccount);
      const { store } = setting.sandbox;
      const tier = store.definitions.field("organizations", "Tier").field_code;
      const option = (label: string) => store.definitions.option("organizations", "Tier", label).id as number;
      for (let number = 1; number <= 32; number++) {
        const level = number <= 30 ? "Bronze" : "Gold";
        wonDeal(setting.sandbox, {}, { name: `Company ${number}`, custom_fields: { [tier]: option(level) } });
      }
      for (let number = 1; number <= 3; number++) wonDeal(setting.sandbox, { org_id: 999_990 + number });
      const before = organizations("{Gold: A, Silver: B}");
      const after = organizations("{Gold: A, Silver: B, Bronze: C}");
      setting.map({ "organizations.yaml": before, "deals.yaml": deals });
      await setting.sync();
      const { tab, page, close } = await openConsole(setting);
      try {
        await tab.open("problems");
        await page.locator(".now").getByText("2 causes reject 33 records").waitFor();
        await page.locator(".top").getByText("Waiting for you: 2").waitFor();
        const group = page.locator("article").filter({ hasText: "30 organizations" });
        await group
          .getByText(/^Company \d+$/)
          .first()
          .waitFor();
        await tab.look("two causes");
        // Trying again what nobody has mended changes nothing.
        await group.getByRole("button", { name: "Retry 30 organizations" }).click();
        await group.getByRole("button", { name: "Retry 30 organizations", disabled: false }).waitFor();
        await group.getByRole("link", { name: "Mend the mapping" }).click();
        expect(new URL(page.url()).searchParams.get("record")).to.match(/^\d+$/);
        const preview = page.getByRole("table", { name: "Fields of the record" });
        await preview
          .getByText(/Bronze/)
          .first()
          .waitFor();
        await page.locator(".cm-line").filter({ hasText: "lookup" }).click();
        await page.keyboard.press("End");
        await page.keyboard.type(" oops");
        await page.getByText("1 error: no sync starts with it.").waitFor();
        expect(await page.getByRole("button", { name: "Review and save…" }).isDisabled()).to.equal(true);
        for (const _letter of " oops") await page.keyboard.press("Backspace");
        for (const _mark of "}}]") await page.keyboard.press("ArrowLeft");
        await page.keyboard.type(", Bronze: C");
        await preview.getByText("C", { exact: true }).first().waitFor();
        await tab.look("a mapping mended");
        await page.getByRole("button", { name: "Review and save…" }).click();
        const drawer = page.locator(".drawer");
        await drawer.getByRole("heading", { name: "It changes 30 rows" }).waitFor();
        expect(readFileSync(join(setting.place.folder, "mappings/organizations.yaml"), "utf8")).to.equal(before);
        await drawer.getByRole("button", { name: "Save 1 file" }).click();
        await page.getByText("The rows are mapped again").waitFor();
        expect(readFileSync(join(setting.place.folder, "mappings/organizations.yaml"), "utf8")).to.equal(after);
        await tab.open("problems");
        await page.locator(".now").getByText("1 cause rejects 3 records").waitFor();
        const left = page.locator("article");
        await left.getByRole("button", { name: "Dismiss 3…" }).click();
        await left.getByRole("textbox").fill("Nobody may see these companies.");
        await left.getByRole("button", { name: "Dismiss 3 deals" }).click();
        await page.getByText("Nothing waits for anybody").waitFor();
        await page.locator(".top").getByText("In order").waitFor();
        await tab.open("companies");
        const classes = await page.evaluate<{ custom: { Class?: string } }[]>(
          "fetch('/console/api/companies?limit=100').then((one) => one.json()).then(({ companies }) => companies)",
        );
        const counts = classes.map(({ custom }) => custom.Class).sort();
        expect(counts).to.deep.equal([...Array(2).fill("A"), ...Array(30).fill("C")]);
        tab.expectQuiet();
      } finally {
        await close();
        await setting.close();
      }
    });
  });
});

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
