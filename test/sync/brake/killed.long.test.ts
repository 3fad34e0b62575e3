import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "chai";
import type { Summary } from "../../../connector/sync/summary.ts";
import { type DatabaseKind, onServerFirst } from "../../databases.ts";
import { emptyAccount, type SandboxSync, sandboxSync } from "../../sandbox-sync.ts";

const deals = (product: string) =>
  `stream: deals\nstart_date: [won_time]\nmodel: license\nfields:\n  - {planhat: _currency, pipedrive: currency}\n  - {planhat: fromDate, pipedrive: $start_date}\n  - {planhat: product, pipedrive: ${product}}\n`;

/** More than two batches. */
const count = 6000;

/** The state of a test whose account has this many licenses, each with a product. */
interface ManyLicenses extends SandboxSync {
  /** Returns the number of licenses without a product. */
  emptied(): Promise<number>;
  json(...args: string[]): Promise<{ status: number | null; summary: Summary }>;
}

async function manyLicenses(kind: DatabaseKind): Promise<ManyLicenses> {
  const setting = await sandboxSync(kind, { ...emptyAccount, burstLimit: 1e6, dailyTokens: 1e9 });
  const { store } = setting.sandbox;
  setting.map({
    "organizations.yaml": "stream: organizations\nmodel: company\nfields:\n  - {planhat: name, pipedrive: name}\n",
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
  return {
    ...setting,
    async emptied() {
      const [row] = await setting.look<{ count: string }>(
        "select count(*) as count from planhat.licenses where product is null",
      );
      return Number(row!.count);
    },
    async json(...args) {
      const { status, stdout } = await setting.run([...args, "--json"]);
      return { status, summary: JSON.parse(stdout.trim().split("\n").at(-1)!) as Summary };
    },
  };
}

describe("a run that the brake stops", function () {
  this.timeout(900_000);
  onServerFirst((kind) => {
    it("killed at any moment and begun again, never harms more rows than the line", async () => {
      const setting = await manyLicenses(kind);
      const { emptied, json } = setting;
      try {
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
        // Later runs get no further than the first: earlier harm counts.
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

    it("is undone in what came before the stop, and a mapping put right goes on", async () => {
      const setting = await manyLicenses(kind);
      const { emptied, json } = setting;
      try {
        setting.map({ "deals.yaml": deals("lost_reason") });
        const stopped = await json("sync");
        expect([stopped.summary.status, stopped.summary.held[0]!.count]).to.deep.equal(["held", count]);
        const before = await emptied();
        expect(before).to.equal(stopped.summary.models.license.updated);
        expect(before).to.be.greaterThan(0);
        const undone = await setting.run(["undo", stopped.summary.run, "--yes", "--json"]);
        expect(undone.status, undone.stderr).to.equal(0);
        expect(JSON.parse(undone.stdout)).to.include({ restored: before });
        expect(await emptied()).to.equal(0);
        // Reverted values stay so, and the rest is stopped as before.
        expect((await json("sync")).summary.status).to.equal("held");
        expect(await emptied()).to.equal(0);
        setting.map({ "deals.yaml": deals("title") });
        const last = await setting.sync();
        expect([last.status, last.held]).to.deep.equal(["succeeded", []]);
        expect(await emptied()).to.equal(0);
        expect(await setting.look("select * from connector.pending")).to.deep.equal([]);

        // So does a mapping that reverts a stopped run's values, although it replaces them once more.
        setting.map({ "deals.yaml": deals("title, transform: [uppercase]") });
        const upper = await json("sync");
        expect(upper.summary.status).to.equal("held");
        expect(upper.summary.models.license.updated).to.be.greaterThan(0);
        setting.map({ "deals.yaml": deals("title") });
        expect((await setting.sync()).models.license.updated).to.equal(upper.summary.models.license.updated);
      } finally {
        await setting.close();
      }
    });
  });
});
