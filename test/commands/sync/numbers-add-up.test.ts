import { expect } from "chai";
import type { Summary } from "../../../connector/sync/summary.ts";
import { formatInstant } from "../../../connector/text/instant.ts";
import { onServerFirst } from "../../databases.ts";
import { emptyAccount, type SandboxSync, sandboxSync, wonDeal } from "../../sandbox-sync.ts";

/** Checks that every deal of a run is counted once: contract, section 2. */
function expectSum({ streams: { deals } }: Summary): void {
  const { read, eligible, skipped, unchanged } = deals;
  const left = Object.values(skipped!).reduce((sum, count) => sum + count, 0);
  expect(eligible! + left + unchanged!, JSON.stringify(deals)).to.equal(read);
}

/**
 * Starts a sync and sends it a signal when it requests persons, which is never answered: the deals have landed by then.
 */
async function interrupted(setting: SandboxSync, signal: NodeJS.Signals) {
  setting.sandbox.requests.reset();
  return setting.run(["sync"], (child) => {
    const looking = setInterval(() => {
      if (setting.sandbox.requests.byPath["GET /api/v2/persons"] === undefined) return;
      clearInterval(looking);
      child.kill(signal);
    }, 10);
    child.once("exit", () => clearInterval(looking));
  });
}

describe("the numbers of a run", () => {
  onServerFirst((kind) => {
    it("add up, and one sentence tells them", async () => {
      let now = new Date("2026-11-10T12:00:00Z");
      const setting = await sandboxSync(kind, { ...emptyAccount, clock: () => now });
      const { store } = setting.sandbox;
      try {
        const [first] = Array.from({ length: 3 }, () => wonDeal(setting.sandbox).dealId);
        store.create("deals", { title: "Open" });
        const all = await setting.sync();
        expect(all.streams.deals).to.deep.include({ read: 4, eligible: 3, skipped: { not_won: 1 }, unchanged: 0 });

        // The last minute is read again; nothing in it is new.
        const idle = await setting.sync();
        expect(idle.streams.deals).to.deep.include({ read: 4, eligible: 0, skipped: {}, unchanged: 4 });
        expect((await setting.run(["sync"])).stdout).to.include("No deal has changed since it was last read.\n");

        store.update("deals", first!, { value: 7 });
        const changed = await setting.run(["sync"]);
        expect(changed.stdout).to.include("Read 4 deals, ");
        expect(changed.stdout).to.include("1 deal is eligible; unchanged since they were last read: 3.\n");
        now = new Date("2026-11-10T14:00:00Z");
        await setting.sync();
        expect((await setting.run(["sync"])).stdout).to.match(/No deal has changed/);

        for (const options of [["--full"], ["--company", "1"], []]) expectSum(await setting.sync(...options));
        // Records rejected before landing are received too, but do not count as read.
        store.putText(
          "deals",
          '{"id":77,"title":"Odd","status":"won","org_id":"Acme","update_time":"2026-11-10T14:00:00Z"}',
        );
        const refused = await setting.run(["sync", "--full", "--json"]);
        const refusing = JSON.parse(refused.stdout.trim().split("\n").at(-1)!) as Summary;
        expectSum(refusing);
        expect(refusing.streams.deals).to.deep.include({ read: 4, rejected: 1, eligible: 3, unchanged: 0 });
        setting.map({
          "deals.yaml": `stream: deals\nstart_date: [won_time]\nmodel: license\nfields:\n  - {planhat: _currency, pipedrive: currency}\n  - {planhat: fromDate, pipedrive: $start_date}\n`,
          "organizations.yaml":
            "stream: organizations\nmodel: company\nfields:\n  - {planhat: name, pipedrive: name}\n",
        });
        const remapped = await setting.sync();
        expectSum(remapped);
        expect(remapped.streams.deals).to.deep.include({ read: 4, eligible: 3, skipped: { not_won: 1 }, unchanged: 0 });
      } finally {
        await setting.close();
      }
    });

    it("of one that is stopped are no result, and one that was killed does not seem to run", async () => {
      let hangs = true;
      const setting = await sandboxSync(kind, {
        intercept: ({ path }) => (hangs && path.endsWith("/persons") ? "hang" : undefined),
      });
      try {
        const stopped = await interrupted(setting, "SIGINT");
        expect(stopped.status, stopped.stderr).to.equal(130);
        expect(stopped.stdout).to.match(
          /^Read \d\d deals, .*\nIt ended before it changed a row\. What was read is kept\.\n$/,
        );

        const killed = await interrupted(setting, "SIGKILL");
        expect(killed.signal).to.equal("SIGKILL");
        const { runs, read } = JSON.parse((await setting.run(["status", "--json"])).stdout);
        expect(runs[0]).to.include({ status: "failed", error: "the process ended before the run did" });
        expect(read.persons).to.deep.equal({ at: null, complete: false });

        hangs = false;
        const before = Date.now();
        await setting.sync();
        const after = JSON.parse((await setting.run(["status", "--json"])).stdout);
        expect(after.runs[0]).to.include({ status: after.rejections > 0 ? "partial" : "succeeded" });
        expect(after.read.deals.complete).to.equal(true);
        expect(Date.parse(after.read.deals.at)).to.be.at.least(before - 1000);
        const { stdout } = await setting.run(["status"]);
        expect(stdout).to.match(/^stream +last read +newest change found/m);
        expect(stdout).to.include(`deals          ${formatInstant(after.read.deals.at)}`);
      } finally {
        await setting.close();
      }
    });
  });
});
