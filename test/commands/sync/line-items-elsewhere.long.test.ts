import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "chai";
import { dealFiles, otherFiles } from "../../deal-models.ts";
import { planhatSync } from "../../planhat-sync.ts";
import { freePort, startServe, subscribed, webhookConfig } from "../../running-service.ts";
import { emptyAccount, type SandboxSync, wonDeal } from "../../sandbox-sync.ts";
import { writePlace } from "../../write-place.ts";

/** Returns the deals and line items in the tables, by source id. */
async function rowsOf({ look }: SandboxSync): Promise<string[]> {
  const rows = await look<{ name: string }>(
    `select 'deal ' || source_id as name from planhat.deals
     union all select 'lineitem ' || source_id from planhat.lineitems order by 1`,
  );
  return rows.map(({ name }) => name);
}

/** Makes a won deal with one product; returns the names of the rows that they become. */
function soldDeal({ sandbox }: SandboxSync, title: string): { dealId: number; names: string[] } {
  const { dealId } = wonDeal(sandbox, { title });
  for (const { id } of sandbox.store.products.of(dealId)) sandbox.store.products.remove(dealId, Number(id));
  const { id } = sandbox.store.products.add(dealId, { name: "Seats", item_price: 100, currency: "EUR" });
  return { dealId, names: [`deal ${dealId}`, `lineitem ${id}`] };
}

describe("deals and line items that other commands than sync make", function () {
  this.timeout(600_000);

  it("write makes them of messages, export gives them as files, and undo --created removes them", async () => {
    const place = await writePlace("server", emptyAccount);
    try {
      place.map({ ...otherFiles, ...dealFiles });
      const { dealId, names } = soldDeal(place, "Rollout");
      place.catalog();
      const written = await place.write(await place.readLines());
      expect(written.status, written.stderr).to.equal(0);
      expect(await rowsOf(place)).to.deep.equal(names);

      const exported = await place.run(["export", "deals", "lineitems", "--to", "out"]);
      expect(exported.status, exported.stderr).to.equal(0);
      const file = (name: string) => readFileSync(`${place.place.folder}/out/${name}.csv`, "utf8").trim().split("\r\n");
      expect(file("deals")).to.have.length(2);
      expect(file("deals")[1]).to.contain("Rollout").and.contain("Closed Won");
      const [heads, item] = file("lineitems").map((line) => line.split(","));
      expect(item![heads!.indexOf("name")]).to.equal("Seats");
      expect(item![heads!.indexOf("value")]).to.equal("100");
      const [deal] = await place.look<{ id: string }>("select id from planhat.deals where source_id = $1", [
        String(dealId),
      ]);
      expect(item![heads!.indexOf("deal_id")]).to.equal(deal!.id);

      const undo = await place.run(["undo", "last", "--created", "--yes", "--json"]);
      expect(undo.status, undo.stderr).to.equal(0);
      expect(JSON.parse(undo.stdout)).to.deep.include({ kept: [] });
      expect(await rowsOf(place)).to.deep.equal([]);
    } finally {
      await place.close();
    }
  });

  it("an event of serve makes and publishes them, and undo --created removes them in Planhat too", async () => {
    const setting = await planhatSync("server", { revenue: "deals" });
    try {
      setting.map({ ...otherFiles, ...dealFiles });
      const port = await freePort();
      setting.configure(webhookConfig(port));
      const first = soldDeal(setting, "First");
      await setting.sync();
      const service = await startServe(setting, port);
      await subscribed(setting);
      const second = soldDeal(setting, "Second");
      const all = [...first.names, ...second.names].toSorted();
      const published = () =>
        [
          ...[...setting.objects("deals").keys()].map((id) => `deal ${id}`),
          ...[...setting.objects("lineitems").keys()].map((id) => `lineitem ${id}`),
        ].toSorted();
      const started = performance.now();
      while (published().length < all.length && performance.now() - started < 60_000) await sleep(50);
      await service.settled();
      expect(published(), service.log()).to.deep.equal(all);
      expect(await rowsOf(setting)).to.deep.equal(all);
      await service.end();

      const { stdout } = await setting.run(["runs", "--json"]);
      const runs = JSON.parse(stdout) as { run: string }[];
      for (const { run } of runs.slice(0, -1)) {
        const undo = await setting.run(["undo", run, "--created", "--yes"]);
        expect(undo.status, undo.stderr + undo.stdout).to.equal(0);
      }
      expect(await rowsOf(setting)).to.deep.equal(first.names);
      expect(published()).to.deep.equal(first.names);
    } finally {
      await setting.close();
    }
  });
});
