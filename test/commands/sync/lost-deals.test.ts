import { expect } from "chai";
import { formatInstant } from "../../../connector/text/instant.ts";
import { onServerFirst } from "../../databases.ts";
import { planhatSync } from "../../planhat-sync.ts";
import { emptyAccount, sandboxSync, wonDeal } from "../../sandbox-sync.ts";

const mapping = `stream: deals
start_date: [local_won_date, won_time]
models:
  - model: sale
    when: {field: title, is: Once}
    fields:
      - {planhat: _currency, pipedrive: currency}
      - {planhat: salesDate, pipedrive: $start_date}
      - {planhat: value, pipedrive: value}
  - model: license
    fields:
      - {planhat: _currency, pipedrive: currency}
      - {planhat: fromDate, pipedrive: $start_date}
      - {planhat: toDate, pipedrive: expected_close_date}
`;
const organizations = "stream: organizations\nmodel: company\nfields:\n  - {planhat: name, pipedrive: name}\n";

describe("a deal that was synced and is lost, deleted or merged", () => {
  onServerFirst((kind) => {
    it("keeps its row, and every run says how many, and why", async () => {
      const setting = await sandboxSync(kind, emptyAccount);
      try {
        const { store } = setting.sandbox;
        const [lost, deleted, loser, winner] = Array.from({ length: 4 }, () => wonDeal(setting.sandbox).dealId);
        expect((await setting.sync()).kept).to.deep.equal({});
        store.update("deals", lost!, { status: "lost" });
        store.delete("deals", deleted!);
        store.merge("deals", loser!, winner!);
        const planned = await setting.run(["plan"]);
        expect(planned.stdout).to.include(
          "3 rows stay as they were: their deals do not sync any more (2 deleted, 1 not won).",
        );
        const summary = await setting.sync();
        expect(summary.kept).to.deep.equal({ deleted: 2, not_won: 1 });
        expect(await setting.look("select from planhat.licenses")).to.have.length(4);
        // A run without work reports it too.
        const idle = await setting.run(["sync"]);
        expect(idle.stdout).to.include("3 rows stay as they were");
        expect(JSON.parse((await setting.run(["status", "--json"])).stdout)).to.deep.include({
          kept: { deleted: 2, not_won: 1 },
        });
        expect((await setting.run(["status"])).stdout).to.include("3 rows stay as they were");
        const explained = JSON.parse((await setting.run(["explain", "deals", String(lost), "--json"])).stdout);
        expect(explained).to.deep.include({ kept: true, ends: null });
        expect(explained.kept_since).to.match(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
        expect((await setting.run(["explain", "deals", String(lost)])).stdout).to.include(
          `It is kept as it was when the record was last eligible, since ${formatInstant(explained.kept_since)} (just now).`,
        );
        store.update("deals", lost!, { status: "won" });
        expect((await setting.sync()).kept).to.deep.equal({ deleted: 2 });
      } finally {
        await setting.close();
      }
    });

    it("ends its license on that day with `when_lost: end`, and not its sale", async () => {
      let now = new Date("2026-11-10T12:00:00Z");
      const options = { ...emptyAccount, timeZone: "America/Los_Angeles", clock: () => now };
      const setting = await planhatSync(kind, {}, options);
      setting.map({ "deals.yaml": mapping, "organizations.yaml": organizations });
      const ends = async () => {
        const rows = await setting.look<{ id: string; day: string | null }>(
          "select source_id as id, to_date::text as day from planhat.licenses order by source_id::bigint",
        );
        return rows.map(({ day }) => day);
      };
      try {
        const { store } = setting.sandbox;
        const open = wonDeal(setting.sandbox).dealId;
        const planned = wonDeal(setting.sandbox, { expected_close_date: "2027-06-30" }).dealId;
        const over = wonDeal(setting.sandbox, { expected_close_date: "2026-06-30" }).dealId;
        const deleted = wonDeal(setting.sandbox).dealId;
        const sale = wonDeal(setting.sandbox, { title: "Once" }).dealId;
        await setting.sync("--yes");
        // Still 10 November in Los Angeles.
        now = new Date("2026-11-11T04:30:00Z");
        for (const id of [open, planned, over, sale]) store.update("deals", id, { status: "lost" });
        store.delete("deals", deleted);
        await setting.sync();
        expect(await ends()).to.deep.equal([null, "2027-06-30", "2026-06-30", null]);

        // The setting also applies to deals that were lost before.
        setting.configure("when_lost: end\n");
        const plan = await setting.run(["plan", "--json"]);
        expect(JSON.parse(plan.stdout).changes).to.deep.include({
          model: "license",
          source_id: String(open),
          action: "update",
          fields: { toDate: { from: null, to: "2026-11-10" } },
        });
        const explained = await setting.run(["explain", "deals", String(open)]);
        expect(explained.stdout).to.include("ends it on 2026-11-10, when the deal was lost or deleted");
        const summary = await setting.sync();
        expect(summary.kept).to.deep.equal({ deleted: 1, not_won: 4 });
        expect(summary.models.license.updated).to.equal(3);
        const ended = ["2026-11-10", "2026-11-10", "2026-06-30", "2026-11-11"];
        expect(await ends()).to.deep.equal(ended);
        expect(setting.objects("licenses").get(String(open))).to.include({ toDate: "2026-11-10" });
        expect(await setting.look("select source_id from planhat.sales")).to.deep.equal([{ source_id: String(sale) }]);
        expect((await setting.sync()).models.license.updated).to.equal(0);
        expect((await setting.run(["audit"])).status).to.equal(0);

        // Won again: each gets its previous end, or the mapping's.
        now = new Date("2026-11-12T12:00:00Z");
        store.update("deals", open, { status: "won" });
        store.update("deals", planned, { status: "won", expected_close_date: "2028-01-31" });
        store.update("deals", over, { status: "open" });
        expect((await setting.sync()).kept).to.deep.equal({ deleted: 1, not_won: 2 });
        expect(await ends()).to.deep.equal([null, "2028-01-31", "2026-06-30", "2026-11-11"]);
      } finally {
        await setting.close();
      }
    });
  });
});
