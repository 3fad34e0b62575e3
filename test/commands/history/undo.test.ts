import { expect } from "chai";
import { onServerFirst } from "../../databases.ts";
import { itLong } from "../../long.ts";
import { type PlanhatSync, planhatSync } from "../../planhat-sync.ts";
import { wonDeal } from "../../sandbox-sync.ts";

const organizations = (city: string) => `stream: organizations
direction: both
fields:
  - {planhat: name, pipedrive: name}
  - {planhat: city, pipedrive: address.locality${city}}
  - {planhat: web, pipedrive: website, direction: receive}
`;
const deals = (when: string) => `stream: deals
start_date: [won_time]
models:
  - model: sale
    when: {field: title, is: ${when}}
    fields:
      - {planhat: _currency, pipedrive: currency}
      - {planhat: salesDate, pipedrive: $start_date}
      - {planhat: value, pipedrive: value}
  - model: license
    fields:
      - {planhat: _currency, pipedrive: currency}
      - {planhat: fromDate, pipedrive: $start_date}
      - {planhat: product, pipedrive: title}
`;
const wrongCity = ", transform: [uppercase], direction: receive";

onServerFirst((kind) => {
  describe("undo", function () {
    this.timeout(600_000);
    let setting: PlanhatSync;
    before(async () => {
      setting = await planhatSync(kind);
      setting.map({ "organizations.yaml": organizations(""), "deals.yaml": deals("One-off") });
    });
    after(() => setting.close());

    const json = async (...args: string[]) => {
      const { status, stdout, stderr } = await setting.run([...args, "--json"]);
      expect(status, stderr).to.equal(0);
      return JSON.parse(stdout.trim().split("\n").at(-1)!);
    };
    const rows = async () => ({
      companies: await setting.look("select id, source_id, name, city, web, custom from planhat.companies order by id"),
      licenses: await setting.look(
        "select id, source_id, planhat_id, product, created_at from planhat.licenses order by id",
      ),
      sales: await setting.look("select id, source_id, value from planhat.sales order by id"),
    });
    const written = ({ models }: Awaited<ReturnType<PlanhatSync["sync"]>>) =>
      Object.values(models).reduce((sum, { created, updated }) => sum + created + updated, 0);

    it("takes a wrong mapping back, and nothing that was changed since, until the mapping is mended", async () => {
      const { sandbox } = setting;
      const { organizationId: first } = wonDeal(
        sandbox,
        { title: "Plan" },
        { address: { value: "Riga", locality: "Riga" } },
      );
      const { organizationId: second } = wonDeal(
        sandbox,
        { title: "Plan" },
        { address: { value: "Oslo", locality: "Oslo" } },
      );
      const { dealId } = wonDeal(sandbox, { title: "Setup", value: 5 }, { website: "https://a.test" });
      await setting.sync();
      const before = await rows();
      const licenses = setting.objects("licenses");

      // A wrong mapping goes live: cities in capitals, and a deal becomes a sale.
      setting.map({ "organizations.yaml": organizations(wrongCity), "deals.yaml": deals("Setup") });
      const { run: wrong } = await setting.sync();
      const after = await rows();
      expect(after.companies.map((row) => row["city"])).to.deep.equal(["RIGA", "OSLO", null]);
      expect(after.sales).to.have.length(1);
      expect(setting.objects("licenses").has(String(dealId))).to.equal(false);
      await setting.look("update planhat.companies set city = 'Bergen' where source_id = $1", [String(second)]);

      // The preview writes nothing, and shows the same.
      setting.writes();
      const shown = await json("undo", wrong.slice(0, 8));
      expect(shown).to.deep.equal({
        run: null,
        undoes: wrong,
        restored: 2,
        kept: [{ model: "company", source_id: String(second), field: "city", because: "changed by hand since" }],
        removed: 0,
        sent: 0,
        held: 2,
      });
      expect(setting.writes()).to.deep.equal([]);
      expect((await rows()).sales).to.deep.equal(after.sales);
      const people = await setting.run(["undo", "last"]);
      expect(people.stdout).to.include(`company ${first} city: "RIGA" → "Riga"`);
      expect(people.stdout).to.include("Nothing was written. `--yes` does it.");

      const done = await json("undo", wrong, "--yes");
      expect(done).to.deep.equal({ ...shown, run: done.run });
      expect(done.run).to.match(/^[0-9a-f-]{36}$/);
      const restored = await rows();
      expect(restored.companies).to.deep.equal(
        before.companies.map((row) => (row["source_id"] === String(second) ? { ...row, city: "Bergen" } : row)),
      );
      expect(restored.sales).to.deep.equal([]);
      const [moved] = restored.licenses.filter((row) => row["source_id"] === String(dealId));
      const [old] = before.licenses.filter((row) => row["source_id"] === String(dealId));
      expect(moved).to.deep.include({ id: old!["id"], product: "Setup", created_at: old!["created_at"] });
      // In Planhat too the sale is gone and the license exists again.
      expect(setting.objects("sales").size).to.equal(0);
      expect([...setting.objects("licenses").keys()].sort()).to.deep.equal([...licenses.keys()].sort());
      expect(setting.objects("companies").get(String(first))).to.deep.include({ city: "Riga" });

      // No sync brings any of it back; an edit of a field that only receives is overwritten as always.
      const synced = { ...restored, companies: restored.companies.map((row) => ({ ...row })) };
      synced.companies[1]!["city"] = "OSLO";
      for (const [args, changed] of [
        [[], 0],
        [["--full"], 1],
        [["--company", String(first)], 0],
      ] as const) {
        setting.writes();
        expect(written(await setting.sync(...args)), args.join(" ")).to.equal(changed);
        expect(setting.writes(), args.join(" ")).to.have.length(changed);
      }
      expect(await rows()).to.deep.equal(synced);
      const holds = await json("holds", "list");
      expect(
        holds.map(({ field, taken, restored: stands }: Record<string, unknown>) => ({ field, taken, stands })),
      ).to.have.deep.members([
        { field: "city", taken: "RIGA", stands: "Riga" },
        { field: null, taken: { model: "sale" }, stands: null },
      ]);
      const explained = await json("explain", "organizations", String(first));
      expect(explained.holds).to.deep.include.members([
        { ...explained.holds[0], field: "city", taken: "RIGA", restored: "Riga", stands: true },
      ]);
      const kept = { outcome: "left alone", reason: 'an undo took "RIGA" back' };
      const cityOf = ({ fields }: { fields: { field: string; result: object }[] }) =>
        fields.find(({ field }) => field === "city")!.result;
      expect(cityOf(explained)).to.deep.equal(kept);
      const preview = await json("mapping", "preview", "organizations", String(first));
      expect([preview.action, preview.held, cityOf(preview)]).to.deep.equal(["unchanged", false, kept]);
      const stays = await json("mapping", "preview", "deals", String(dealId));
      expect([stays.action, stays.moved_from, stays.held]).to.deep.equal(["unchanged", null, true]);
      expect((await setting.run(["mapping", "preview", "deals", String(dealId)])).stdout).to.include(
        "An undo took its row back, and it stays so: `holds list` shows it.",
      );
      const { stdout: plan } = await setting.run(["plan"]);
      expect(plan).to.include("The rows are as a sync would leave them.");
      expect(plan).to.include("Held since an undo: 2 fields or rows (`holds list` shows them).");

      // A new value from Pipedrive is accepted, in capitals, as the mapping says.
      sandbox.store.update("organizations", first, { address: { value: "Tallinn", locality: "Tallinn" } });
      expect(written(await setting.sync("--company", String(first)))).to.equal(1);
      expect((await rows()).companies[0]).to.deep.include({ city: "TALLINN" });

      // With the corrected mapping the holds end, and everything follows the mapping.
      setting.map({ "organizations.yaml": organizations(""), "deals.yaml": deals("One-off") });
      await setting.sync();
      expect(await json("holds", "list")).to.deep.equal([]);
      expect((await rows()).companies.map((row) => row["city"])).to.deep.equal(["Tallinn", "Oslo", null]);
      expect((await rows()).licenses).to.have.length(3);
    });

    itLong("takes an undo back too, removes new rows with --created, and lets holds go", async () => {
      const { sandbox } = setting;
      const start = await rows();
      const { organizationId, dealId } = wonDeal(sandbox, { title: "New" }, { website: "https://b.test" });
      const { run: made } = await setting.sync();
      const there = await rows();
      expect(there.companies).to.have.length(start.companies.length + 1);
      const none = await setting.run(["undo", made]);
      expect(none.stdout).to.include("2 rows that the run made: `--created` removes them too");
      const undone = await json("undo", made, "--created", "--yes");
      expect(undone).to.deep.include({ restored: 0, removed: 2, held: 2, kept: [] });
      expect(await rows()).to.deep.equal(start);
      // The license is deleted in Planhat; the company stays there, and that is reported.
      expect(setting.objects("licenses").has(String(dealId))).to.equal(false);
      expect(setting.objects("companies").has(String(organizationId))).to.equal(true);
      expect(written(await setting.sync("--full"))).to.equal(0);
      expect(await rows()).to.deep.equal(start);

      const again = await json("undo", undone.run, "--yes");
      expect(again).to.deep.include({ restored: 2, removed: 0, held: 0, kept: [] });
      const back = await rows();
      expect(back.companies).to.deep.equal(there.companies);
      expect(back.licenses.map(({ id, product }) => ({ id, product }))).to.deep.equal(
        there.licenses.map(({ id, product }) => ({ id, product })),
      );
      expect(await json("holds", "list")).to.deep.equal([]);
      expect(setting.objects("licenses").has(String(dealId))).to.equal(true);
      expect(written(await setting.sync("--full"))).to.equal(0);

      await json("undo", again.run, "--created", "--yes");
      expect(await rows()).to.deep.equal(start);
      expect((await setting.run(["holds", "release"])).stdout).to.include("Nothing was released.");
      expect(await json("holds", "release", "--yes")).to.deep.equal({ released: 2, left: 0 });
      await setting.sync();
      expect((await rows()).companies).to.have.length(there.companies.length);
    });

    it("takes back what was sent to Pipedrive, and leaves both sides as they are then", async () => {
      const { store } = setting.sandbox;
      const { organizationId } = wonDeal(
        setting.sandbox,
        {},
        { name: "Sent", address: { value: "Oslo", locality: "Oslo" } },
      );
      const inPipedrive = () => {
        const [organization] = store.find("organizations", ({ id }) => id === organizationId);
        return (organization!["address"] as { locality: string }).locality;
      };
      const inPlanhat = async () => {
        const [row] = await setting.look("select city from planhat.companies where source_id = $1", [
          String(organizationId),
        ]);
        return row!["city"];
      };
      await setting.sync("--yes");
      await setting.look("update planhat.companies set city = 'Mine' where source_id = $1", [String(organizationId)]);
      const { run, sent } = await setting.sync("--yes");
      expect([sent.organizations.updated, inPipedrive()]).to.deep.equal([1, "Mine"]);

      expect((await setting.run(["undo", run])).stdout).to.include(
        "1 change sent to Pipedrive: `--sent` takes them back too",
      );
      expect(await json("undo", run, "--sent")).to.deep.include({ run: null, restored: 0, sent: 1, kept: [] });
      expect(inPipedrive()).to.equal("Mine");
      const undone = await json("undo", run, "--sent", "--yes");
      expect(undone).to.deep.include({ restored: 0, sent: 1, held: 1, kept: [] });
      expect([inPipedrive(), await inPlanhat()]).to.deep.equal(["Oslo", "Mine"]);
      for (const args of [[], ["--full"], ["--company", String(organizationId)]]) {
        const summary = await setting.sync(...args);
        expect([written(summary), summary.sent.organizations.updated], args.join(" ")).to.deep.equal([0, 0]);
      }
      expect([inPipedrive(), await inPlanhat()]).to.deep.equal(["Oslo", "Mine"]);
      expect(await json("undo", run, "--sent", "--yes")).to.deep.include({ sent: 0 });

      store.update("organizations", organizationId, { address: { value: "Bergen", locality: "Bergen" } });
      await setting.sync("--company", String(organizationId));
      expect(await inPlanhat()).to.equal("Bergen");
      expect(await json("holds", "list")).to.deep.equal([]);
    });

    it("takes the undo of a move back, though the row had changed before it moved", async () => {
      const { store } = setting.sandbox;
      const { dealId } = wonDeal(setting.sandbox, { title: "First" });
      await setting.sync("--yes");
      store.update("deals", dealId, { title: "Second" });
      await setting.sync();
      store.update("deals", dealId, { title: "One-off" });
      const { run } = await setting.sync();
      const modelOf = async () => {
        const found = await setting.look<{ model: string }>(
          `select 'license' as model from planhat.licenses where source_id = $1
           union all select 'sale' from planhat.sales where source_id = $1`,
          [String(dealId)],
        );
        return found.map(({ model }) => model);
      };
      expect(await modelOf()).to.deep.equal(["sale"]);
      const undone = await json("undo", run, "--yes");
      expect([await modelOf(), undone.kept]).to.deep.equal([["license"], []]);
      const again = await json("undo", undone.run, "--yes");
      expect([await modelOf(), again.kept]).to.deep.equal([["sale"], []]);
      expect(await json("holds", "list")).to.deep.equal([]);
    });

    it("says in one sentence what cannot be taken back", async () => {
      const refused = async (...args: string[]) => {
        const { status, stderr } = await setting.run(["undo", ...args, "--yes"]);
        expect(status, stderr).to.equal(2);
        return stderr;
      };
      expect(await refused("12345678")).to.include('There is no run "12345678".');
      expect(await refused("no-run")).to.include('There is no run "no-run".');
      const { run: idle } = await setting.sync();
      expect(await refused(idle)).to.include(`Run ${idle} changed nothing`);
      expect(await refused("last", "--model", "compny")).to.include("company");
      await setting.look("update connector.runs set changes_kept = 'pruned' where id = $1", [idle]);
      expect(await refused("last")).to.include("older than they are kept");
      const unknown = await setting.run(["holds", "release", "999"]);
      expect([unknown.status, unknown.stderr.includes("There is no hold 999.")]).to.deep.equal([2, true]);
    });
  });
});
