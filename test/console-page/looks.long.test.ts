import { onServerFirst } from "../databases.ts";
import { sandboxSync } from "../sandbox-sync.ts";
import { openTab, startBrowser } from "./browser.ts";
import { startConsole } from "./running-console.ts";

onServerFirst((kind) => {
  describe("every page of the console", function () {
    this.timeout(600_000);

    it("is accessible in light and dark, and fits 360, 768 and 1440 px", async () => {
      const setting = await sandboxSync(kind, { organizations: 120, persons: 200, deals: 300, notes: 200 });
      const { run } = (await setting.sync()) as unknown as { run: string };
      const served = await startConsole(setting);
      const browser = await startBrowser();
      try {
        const tab = await openTab(browser, served.url);
        await tab.page.goto(served.link);
        const pages = {
          overview: "",
          companies: "companies",
          "companies by licenses": "companies?sort=licenses&down=1",
          company: "companies/1",
          problems: "problems",
          runs: "runs",
          run: `runs/${run}`,
          undo: `runs/${run}?undo=1`,
          settings: "settings",
          "settings of organizations": "settings/organizations",
          "settings of persons": "settings/persons",
          "settings of notes": "settings/notes",
          "settings of deals": "settings/deals",
          mapping: "mapping/deals",
          audit: "audit",
          "explain a deal": "explain/deals/1",
          "explain an organization": "explain/organizations/1",
          "explain nothing": "explain/deals/999999",
          nowhere: "nowhere",
        };
        for (const [name, path] of Object.entries(pages)) {
          await tab.dress(1440, "light");
          await tab.open(path);
          for (const width of [1440, 768, 360])
            for (const colours of ["light", "dark"] as const) {
              await tab.dress(width, colours);
              await tab.look(name);
            }
          tab.expectQuiet();
        }
      } finally {
        await browser.close();
        await served.end();
        await setting.close();
      }
    });
  });
});
