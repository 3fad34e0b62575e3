import { expect } from "chai";
import type { Summary } from "../../../connector/sync/summary.ts";
import { onServerFirst } from "../../databases.ts";
import { planhatSync } from "../../planhat-sync.ts";
import { wonDeal } from "../../sandbox-sync.ts";

const organizations = "stream: organizations\nmodel: company\nfields:\n  - {planhat: name, pipedrive: name}\n";

/** deals.yaml: a deal with the title Silver is a sale. */
function deals(product: string): string {
  const fields = (day: string) =>
    `    fields:\n      - {planhat: _currency, pipedrive: currency}\n      - {planhat: ${day}, pipedrive: $start_date}\n      - {planhat: value, pipedrive: value}\n      - {planhat: product, pipedrive: ${product}}\n`;
  return `stream: deals\nstart_date: [won_time]\nmodels:\n  - model: sale\n    when: {field: title, is: Silver}\n${fields("salesDate")}  - model: license\n${fields("fromDate")}`;
}

describe("the brake on what is published", function () {
  this.timeout(600_000);
  onServerFirst((kind) => {
    it("counts deals that move beside the others, as plan does; undo sends nothing of what it holds", async () => {
      const setting = await planhatSync(kind);
      setting.configure("brake: {rows: 5}\n");
      setting.map({ "organizations.yaml": organizations, "deals.yaml": deals("title") });
      const ask = async (...args: string[]) => {
        const { status, stdout, stderr } = await setting.run([...args, "--json"]);
        return { status, summary: JSON.parse(stdout.trim().split("\n").at(-1)!) as Summary, stderr };
      };
      const there = () => ({
        licenses: [...setting.objects("licenses").values()].map(({ product }) => product),
        sales: setting.objects("sales").size,
        renamed: [...setting.objects("companies").values()].filter(({ name }) => name === "Renamed").length,
      });
      try {
        const made = Array.from({ length: 8 }, () => wonDeal(setting.sandbox, { title: "Gold" }));
        await setting.sync();

        // The user approves emptying the rows, a company is renamed, and Planhat rejects every license.
        setting.map({ "deals.yaml": deals("lost_reason") });
        setting.sandbox.store.update("organizations", made[0]!.organizationId, { name: "Renamed" });
        setting.manners.intercept = ({ method, path }) =>
          method !== "GET" && path.includes("licenses") ? new Response("{}", { status: 403 }) : undefined;
        const emptied = await ask("sync", "--yes");
        expect([emptied.summary.status, emptied.summary.models.license.updated]).to.deep.equal(["failed", 8]);
        delete setting.manners.intercept;

        // One of the deals becomes a sale: its license is to go, when the sale is there.
        setting.sandbox.store.update("deals", made[7]!.dealId, { title: "Silver" });
        const plan = await ask("plan");
        expect(
          plan.summary.held.map(({ count }) => count),
          plan.stderr,
        ).to.deep.equal([8]);
        const stopped = await ask("sync");
        expect([stopped.status, stopped.summary.status]).to.deep.equal([1, "held"]);
        expect(stopped.summary.held).to.deep.equal(plan.summary.held);
        expect(stopped.summary).to.include({ exit: 1 });
        const gold = Array(8).fill("Gold");
        expect(there()).to.deep.equal({ licenses: gold, sales: 0, renamed: 1 });

        // What an undo restores is published, and nothing else.
        const undone = await setting.run(["undo", emptied.summary.run, "--model", "company", "--yes", "--json"]);
        expect(undone.status, undone.stderr).to.equal(0);
        expect(JSON.parse(undone.stdout)).to.include({ restored: 1 });
        expect(there()).to.deep.equal({ licenses: gold, sales: 0, renamed: 0 });
        const status = await setting.run(["status", "--json"]);
        expect(status.stdout).to.include(plan.summary.held[0]!.what);
        expect((await ask("sync")).summary.held).to.deep.equal(plan.summary.held);

        const agreed = await ask("sync", "--yes");
        expect(agreed.status, agreed.stderr).to.equal(0);
        expect(there()).to.deep.equal({ licenses: Array(7).fill(null), sales: 1, renamed: 0 });
      } finally {
        await setting.close();
      }
    });
  });
});
