import type { ChildProcess } from "node:child_process";
import { expect } from "chai";
import { eachDatabase } from "../../databases.ts";
import { expectedTables } from "../../expected-tables.ts";
import { type PlanhatSync, planhatSync } from "../../planhat-sync.ts";
import { wonDeal } from "../../sandbox-sync.ts";

eachDatabase((_open, kind) => {
  describe("sync with Planhat's API configured", function () {
    this.timeout(1_200_000);
    let setting: PlanhatSync;
    before(async () => {
      setting = await planhatSync(kind, {}, { organizations: 12, persons: 20, deals: 30, notes: 30 });
    });
    after(() => setting.close());

    it("publishes every row once, companies before everything else, and keeps Planhat's ids", async () => {
      const { planhat: told } = await setting.sync();
      const expected = expectedTables(setting.sandbox.store);
      const keys = (path: string) => [...setting.objects(path).keys()].sort();
      const of = (ids: Iterable<string>) => [...ids].sort();
      expect(keys("companies")).to.deep.equal(of(expected.companies.keys()));
      expect(keys("endusers")).to.deep.equal(of(expected.endusers.keys()));
      expect(keys("licenses")).to.deep.equal(of(expected.licenses.keys()));
      expect(keys("conversations")).to.deep.equal(of([...expected.notes.keys()].map((id) => `pipedrive-note-${id}`)));
      expect(setting.writes()).to.deep.equal([
        "PUT /companies",
        "PUT /endusers",
        "PUT /licenses",
        "PUT /conversations",
      ]);
      expect(told?.published.company).to.deep.equal({
        created: expected.companies.size,
        updated: 0,
        unchanged: 0,
        rejected: 0,
        deleted: 0,
      });
      const companies = setting.objects("companies");
      for (const [id, { company, value, currency, from_date }] of expected.licenses) {
        const license = setting.objects("licenses").get(id)!;
        expect(license["companyId"]).to.equal(companies.get(company)!["_id"]);
        expect([license["value"] ?? null, license["_currency"], license["fromDate"]]).to.deep.equal([
          value,
          currency,
          from_date,
        ]);
      }
      const ids = await setting.look<{ source_id: string; planhat_id: string }>(
        "select source_id, planhat_id from planhat.companies",
      );
      expect(new Map(ids.map((row) => [row.source_id, row.planhat_id]))).to.deep.equal(
        new Map([...companies].map(([id, company]) => [id, company["_id"]])),
      );
    });

    it("sends nothing when nothing changed", async () => {
      const { planhat: told } = await setting.sync();
      expect(setting.writes()).to.deep.equal([]);
      expect(told?.requests.count).to.be.at.most(3);
    });

    it("sends what changed, and only that", async () => {
      const [id] = [...expectedTables(setting.sandbox.store).licenses][0]!;
      setting.sandbox.store.update("deals", Number(id), { value: 4711.5 });
      const { planhat: told } = await setting.sync();
      expect(setting.writes()).to.deep.equal(["PUT /licenses"]);
      expect(told?.published.license).to.include({ created: 0, updated: 1 });
      expect(setting.objects("licenses").get(id)).to.include({ value: 4711.5 });
    });

    it("is killed while it publishes: the next run makes nothing twice and leaves nothing out", async () => {
      for (const path of ["/companies", "/endusers", "/licenses", "/conversations"]) {
        const { organizationId, dealId } = wonDeal(setting.sandbox);
        const { id } = setting.sandbox.store.create("persons", { name: "Kim Berg", org_id: organizationId });
        setting.sandbox.store.create("notes", { content: "<p>Call</p>", deal_id: dealId, person_id: id! });
        let child: ChildProcess | undefined;
        // Planhat executes the call; the answer breaks off, and the process dies before it can store anything.
        setting.manners.intercept = (request) => {
          if (request.method !== "PUT" || request.path !== path) return undefined;
          setTimeout(() => child?.kill("SIGKILL"), 20);
          return "truncate";
        };
        const { signal } = await setting.run(["sync"], (started) => {
          child = started;
        });
        expect(signal, path).to.equal("SIGKILL");
      }
      delete setting.manners.intercept;
      await setting.sync();
      const expected = expectedTables(setting.sandbox.store);
      const counts = ["companies", "endusers", "licenses", "conversations"].map((path) => [
        setting.planhat.store.all(path).length,
        setting.objects(path).size,
      ]);
      expect(counts).to.deep.equal(
        [expected.companies, expected.endusers, expected.licenses, expected.notes].map(({ size }) => [size, size]),
      );
      setting.writes();
      await setting.sync();
      expect(setting.writes()).to.deep.equal([]);
    });
  });
});
