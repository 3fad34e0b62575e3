import { existsSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "chai";
import type { Summary } from "../../connector/sync/summary.ts";
import { type PlanhatSync, planhatSync } from "../planhat-sync.ts";
import { dealEvent, freePort, startServe, unsubscribe, webhookConfig } from "../running-service.ts";
import { wonDeal } from "../sandbox-sync.ts";

const diskModule = new URL("./full-disk-writes.mjs", import.meta.url).href;

/** Expects Planhat to hold the objects of the tables, each once. */
async function expectPublished(setting: PlanhatSync, tables = ["companies", "licenses"]): Promise<void> {
  for (const table of tables) {
    const rows = await setting.look<{ source_id: string; planhat_id: string }>(
      `select source_id, planhat_id from planhat.${table} order by source_id`,
    );
    const objects = setting.planhat.store
      .all(table)
      .map(({ sourceId, _id }) => ({ source_id: sourceId, planhat_id: _id }));
    expect(rows, table).to.have.length.greaterThan(0);
    expect(objects, table).to.have.deep.members(rows);
  }
}

/** Describes a publication whose disk is full from the n-th writing request on. */
export function describeFullDiskWhilePublishing(from: readonly number[]): void {
  describe("a disk that fills up while a sync publishes", function () {
    this.timeout(1_200_000);

    for (const kind of ["growing", "every"] as const) {
      for (const ordinal of from) {
        it(`from the ${ordinal}. request on (${kind}): exit 3, and the next sync leaves every object once`, async () => {
          const setting = await planhatSync("embedded");
          const isFull = join(setting.place.folder, "disk-is-full");
          for (let deal = 0; deal < 20; deal++) {
            const { organizationId } = wonDeal(setting.sandbox, { value: deal }, { name: `Company ${deal}` });
            const emails = [{ value: `ann@company${deal}.test`, primary: true }];
            setting.sandbox.store.create("persons", { name: `Ann ${deal}`, org_id: organizationId, emails });
          }
          let writes = 0;
          setting.manners.intercept = ({ method }) => {
            if (method !== "GET" && ++writes === ordinal) writeFileSync(isFull, "");
            return undefined;
          };
          const { status, stderr } = await setting.run(["sync", "--yes"], undefined, {
            NODE_OPTIONS: `--import ${diskModule}`,
            FULL_DISK_WHILE: isFull,
            FULL_DISK_KIND: kind,
          });
          expect(existsSync(isFull), "it was full").to.equal(true);
          rmSync(isFull);
          // At the end, overwriting may need no more room.
          if (kind === "every") expect(status, stderr).to.equal(3);
          if (status !== 0) expect(stderr).to.match(/The disk with the database folder .+ is full\./);
          setting.manners.intercept = () => undefined;
          await setting.sync("--yes");
          await expectPublished(setting, ["companies", "endusers", "licenses"]);
          await setting.close();
        });
      }
    }
  });
}

/** Describes a Planhat that answers 429 forever, with these headers. */
export function describeEndless429(headers: Record<string, string>): void {
  describe(`a Planhat that answers 429 for ever, ${JSON.stringify(headers)}`, function () {
    this.timeout(1_200_000);
    const tooMany = () => Response.json({ error: "Too many requests" }, { status: 429, headers });

    it("ends a sync with 3; the rows are there, and the next sync publishes them", async () => {
      const setting = await planhatSync("server");
      wonDeal(setting.sandbox);
      setting.manners.intercept = tooMany;
      const { status, stdout, stderr } = await setting.run(["sync", "--json", "--yes"]);
      expect(status, stderr).to.equal(3);
      expect(stderr).to.contain("429");
      const summary = JSON.parse(stdout.trim().split("\n").at(-1)!) as Summary;
      if (summary.models !== undefined) expect(summary.status).to.equal("failed");
      setting.manners.intercept = () => undefined;
      await setting.sync("--yes");
      await expectPublished(setting);
      await setting.close();
    });

    it("keeps serve's work waiting and told; events are taken, Pipedrive is left alone, and afterwards all is published", async () => {
      const setting = await planhatSync("server");
      const port = await freePort();
      setting.configure(webhookConfig(port));
      const { dealId } = wonDeal(setting.sandbox);
      await setting.sync("--yes");
      const service = await startServe(setting, port);
      await unsubscribe(setting);
      await service.settled();
      setting.manners.intercept = tooMany;
      setting.sandbox.store.update("deals", dealId, { value: 4711 });
      expect((await service.deliver(dealEvent(dealId))).status).to.equal(200);
      const waits = () => service.log().match(/Worker paused/g)?.length ?? 0;
      while (waits() < 1) await sleep(100);
      const { status, problems, parts } = await service.health();
      expect(status, "it goes on receiving").to.equal("ready");
      expect(problems).to.have.length(1);
      expect(parts["work"]?.["cause"]).to.match(/Planhat.+429|429.+Planhat/);
      expect((await service.deliver(dealEvent(dealId))).status).to.equal(200);
      setting.sandbox.requests.reset();
      while (waits() < 3) await sleep(100);
      expect(setting.sandbox.requests.tokens, "what two more tries cost").to.be.lessThan(10);
      setting.manners.intercept = () => undefined;
      await service.settled();
      expect((await service.end()).status).to.equal(143);
      const [license] = setting.planhat.store.all("licenses");
      expect(license?.["value"]).to.equal(4711);
      await expectPublished(setting);
      await setting.close();
    });
  });
}
