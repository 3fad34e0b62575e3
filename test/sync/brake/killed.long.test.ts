import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "chai";
import type { Summary } from "../../../connector/sync/summary.ts";
import { onServerFirst } from "../../databases.ts";
import { emptyAccount, sandboxSync } from "../../sandbox-sync.ts";

const deals = (product: string) =>
  `stream: deals\nstart_date: [won_time]\nmodel: license\nfields:\n  - {planhat: _currency, pipedrive: currency}\n  - {planhat: fromDate, pipedrive: $start_date}\n  - {planhat: product, pipedrive: ${product}}\n`;

/** More than two batches of what is settled together. */
const count = 6000;

describe("a run that the brake stops, killed at any moment and begun again", function () {
  this.timeout(900_000);
  onServerFirst((kind) => {
    it("never harms more rows than the line, and loses nothing", async () => {
      const setting = await sandboxSync(kind, { ...emptyAccount, burstLimit: 1e6, dailyTokens: 1e9 });
      const { store } = setting.sandbox;
      const emptied = async () => {
        const [row] = await setting.look<{ count: string }>(
          "select count(*) as count from planhat.licenses where product is null",
        );
        return Number(row!.count);
      };
      const json = async (...args: string[]) => {
        const { status, stdout } = await setting.run([...args, "--json"]);
        return { status, summary: JSON.parse(stdout.trim().split("\n").at(-1)!) as Summary };
      };
      try {
        setting.map({
          "organizations.yaml":
            "stream: organizations\nmodel: company\nfields:\n  - {planhat: name, pipedrive: name}\n",
          "deals.yaml": deals("title"),
        });
        for (let deal = 0; deal < count; deal++) {
          const { id } = deal % 10 === 0 ? store.create("organizations", { name: `Acme ${deal}` }) : { id: undefined };
          store.create("deals", {
            ...{ title: "Gold", status: "won", won_time: "2026-01-31T10:00:00Z", currency: "EUR" },
            ...{ org_id: id ?? Math.floor(deal / 10) + 1, pipeline_id: 1, stage_id: 1, value: 1 },
          });
        }
        expect((await setting.sync()).models.license.created).to.equal(count);
        setting.map({ "deals.yaml": deals("lost_reason") });
        const started = performance.now();
        const plan = await json("plan");
        const duration = performance.now() - started;
        expect(plan.summary.held.map((one) => one.count)).to.deep.equal([count]);
        for (const part of [0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]) {
          await setting.run(["sync"], (child) => {
            void sleep(duration * part).then(() => child.kill("SIGKILL"));
          });
          expect(await emptied()).to.be.at.most(count / 2);
        }
        const stopped = await json("sync");
        expect([stopped.status, stopped.summary.status]).to.deep.equal([1, "held"]);
        const kept = await emptied();
        expect(kept)
          .to.be.greaterThan(0)
          .and.to.be.at.most(count / 2);
        // Run after run comes no further than the first: what was harmed before counts.
        const again = await json("sync");
        expect(again.summary.held.map((one) => one.count)).to.deep.equal([count - kept]);
        expect(await emptied()).to.equal(kept);
        const agreed = await setting.sync("--yes");
        expect(agreed.models.license.updated).to.equal(count - kept);
        expect(await emptied()).to.equal(count);
        expect(await setting.look("select * from connector.pending")).to.deep.equal([]);
        expect(await setting.look("select * from connector.harm")).to.deep.equal([]);
      } finally {
        await setting.close();
      }
    });
  });
});
