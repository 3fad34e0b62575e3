import { expect } from "chai";
import { onServerFirst } from "../../databases.ts";
import { itLong } from "../../long.ts";
import { wonDeal } from "../../sandbox-sync.ts";
import { oldCustomer, sourceIds, withPast } from "./account-with-past.ts";

describe("start_date of the config", () => {
  onServerFirst((kind) => {
    it("keeps no old customer of a new deal out, nor its persons and notes", async () => {
      const setting = await withPast(kind);
      const { sandbox, enterPresent, pass } = setting;
      try {
        const { organization, person, elsewhere, notes } = oldCustomer(sandbox);
        const before = wonDeal(sandbox, { title: "Before" }, { name: "Forgotten" });
        const onDeal = sandbox.store.create("notes", { content: "on an old deal", deal_id: before.dealId });
        enterPresent();
        await setting.sync();
        expect(await sourceIds(setting, "companies")).to.deep.equal([]);
        pass(1);
        const { id } = sandbox.store.create("deals", {
          title: "New",
          status: "won",
          won_time: "2026-11-10T12:00:00Z",
          org_id: organization,
          person_id: elsewhere,
          value: 1,
        });
        const summary = await setting.sync();
        expect(summary.models.license).to.include({ created: 1, rejected: 0 });
        expect(await sourceIds(setting, "licenses")).to.deep.equal([id]);
        expect(await sourceIds(setting, "companies")).to.deep.equal([organization]);
        expect(await sourceIds(setting, "endusers")).to.deep.equal([person, elsewhere]);
        expect(await sourceIds(setting, "notes")).to.deep.equal(notes);
        // One request per question, each once.
        const { count } = sandbox.requests;
        const { requests } = await setting.sync();
        expect(sandbox.requests.count - count)
          .to.equal(requests.count)
          .and.be.at.most(12);
        const { status, stdout } = await setting.run(["audit", "--json"]);
        expect(status, stdout).to.equal(0);
        const old = await setting.run(["explain", "deals", String(before.dealId)]);
        expect(old.stdout).to.include("the start_date of the config");
        const alone = await setting.run(["explain", "notes", String(onDeal["id"])]);
        expect(alone.stdout).to.include("and no deal that syncs brings it");

        // An earlier start date brings the records that it had left out.
        setting.place.write(
          "config.yaml",
          `company_url: ${sandbox.url}\napi_token: ${sandbox.token}\ndatabase: ${setting.location}\nstart_date: "2018-01-01T00:00:00Z"\n`,
        );
        const lowered = await setting.sync();
        expect(lowered.models.license.created).to.equal(1);
        expect(await sourceIds(setting, "companies")).to.deep.equal([organization, before.organizationId]);
        expect(await sourceIds(setting, "notes")).to.deep.equal([...notes, onDeal["id"]]);
      } finally {
        await setting.close();
      }
    });
  });

  itLong("is no reason for what Pipedrive does not have: what is known is told", async () => {
    const setting = await withPast("embedded");
    const { sandbox, enterPresent } = setting;
    try {
      const { organization } = oldCustomer(sandbox);
      enterPresent();
      const { id } = sandbox.store.create("deals", {
        title: "New",
        status: "won",
        won_time: "2026-11-10T12:00:00Z",
        org_id: organization,
      });
      sandbox.store.purge("organizations", organization);
      await setting.sync();
      const { stdout } = await setting.run(["rejections", "list", "--json"]);
      expect(stdout).to.include(
        `organization ${organization} has no company: Pipedrive does not have it any more, or the token's user may not see it`,
      );
      expect(stdout).to.include(`"record_id":${id}`);
      // Later runs do not request them again.
      const { count } = sandbox.requests;
      await setting.sync();
      expect(sandbox.requests.count - count).to.be.at.most(12);
    } finally {
      await setting.close();
    }
  });
});
