import { expect } from "chai";
import { eachDatabase } from "../../databases.ts";
import { oldCustomer, sourceIds, withPast } from "./account-with-past.ts";

describe("start_date of the config, and many old customers", () => {
  eachDatabase((_open, kind) => {
    it("reads a list whole where asking for each customer would cost more", async () => {
      const setting = await withPast(kind);
      const { sandbox, enterPresent } = setting;
      try {
        const customers = Array.from({ length: 20 }, () => oldCustomer(sandbox));
        enterPresent();
        for (const { organization, elsewhere } of customers) {
          sandbox.store.create("deals", {
            title: "New",
            status: "won",
            won_time: "2026-11-10T12:00:00Z",
            org_id: organization,
            person_id: elsewhere,
          });
        }
        const summary = await setting.sync();
        expect(summary.models.license.created).to.equal(20);
        expect(summary.models.enduser.created).to.equal(40);
        expect(summary.models.note.created).to.equal(60);
        expect(sandbox.requests.byPath["GET /api/v2/persons"]).to.be.at.most(4);
        expect(sandbox.requests.byPath["GET /v1/notes"]).to.be.at.most(4);
        const { requests, models } = await setting.sync();
        expect(requests.count).to.be.at.most(12);
        expect(models.license).to.deep.include({ created: 0, updated: 0 });
        // Fetch All, with its walk through the whole lists, leaves nothing out either.
        const full = await setting.sync("--full");
        expect(full.models.note).to.include({ created: 0, rejected: 0 });
        expect((await setting.run(["audit"])).status).to.equal(0);
      } finally {
        await setting.close();
      }
    });
  });

  it("leaves nothing out of what a new mapping takes", async () => {
    const setting = await withPast("embedded");
    const { sandbox, enterPresent } = setting;
    try {
      const { organization, notes } = oldCustomer(sandbox);
      enterPresent();
      sandbox.store.create("deals", { title: "Open", status: "open", org_id: organization });
      await setting.run(["mapping", "init"]);
      setting.configure("mappings: ./mappings\n");
      await setting.sync();
      const deals = (statuses: string) =>
        `stream: deals\nstatuses: [${statuses}]\nstart_date: [add_time]\nmodel: license\nfields:\n  - {planhat: _currency, pipedrive: currency}\n  - {planhat: fromDate, pipedrive: $start_date}\n`;
      setting.place.write("mappings/deals.yaml", deals("open, won"));
      // Without a request the customer cannot be found.
      expect((await setting.run(["remap"])).status).to.equal(0);
      expect(await sourceIds(setting, "companies")).to.deep.equal([]);
      await setting.sync();
      expect(await sourceIds(setting, "companies")).to.deep.equal([organization]);
      expect(await sourceIds(setting, "notes")).to.deep.equal(notes.slice(0, 2));
    } finally {
      await setting.close();
    }
  });
});
