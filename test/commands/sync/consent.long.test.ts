import { readFileSync } from "node:fs";
import { expect } from "chai";
import { startSandbox } from "../../../connector/sandbox/server.ts";
import { eachDatabase } from "../../databases.ts";
import { type PlanhatSync, planhatSync } from "../../planhat-sync.ts";
import { freePort, startServe, syncToken } from "../../running-service.ts";
import { emptyAccount, wonDeal } from "../../sandbox-sync.ts";

interface Held {
  what: string;
  count: number;
  remedy: string;
}

eachDatabase((_open, kind) => {
  describe("the first publication to a tenant", function () {
    this.timeout(240_000);
    let setting: PlanhatSync;
    const reached = () =>
      ["companies", "endusers", "licenses", "sales", "conversations"].flatMap((path) =>
        setting.planhat.store.all(path),
      );
    const heldOf = async (...args: string[]): Promise<Held[]> =>
      JSON.parse((await setting.run([...args, "--json"])).stdout).held;

    beforeEach(async () => {
      setting = await planhatSync(kind, {}, undefined, { agreed: false });
    });
    afterEach(() => setting.close());

    it("waits for --yes, is told everywhere, and holds from then on", async () => {
      const { organizationId } = wonDeal(setting.sandbox, {}, { name: "Acme" });
      setting.sandbox.store.create("persons", {
        name: "Kim",
        org_id: organizationId,
        emails: [{ value: "kim@acme.test", primary: true, label: "work" }],
      });
      const waiting = (things: string) => ({
        what: `${things} to publish to Planhat (${new URL(setting.planhat.url).host}) for the first time`,
        count: 1,
        remedy:
          "`pipedrive-planhat plan` shows it; `pipedrive-planhat sync --yes` approves it, now and for later runs.",
      });
      const expected = ["company", "end user", "license"].map(waiting);
      expect(await heldOf("plan")).to.deep.equal(expected);

      const { status, held, models } = await setting.sync();
      expect(status).to.equal("succeeded");
      expect(models.company.created).to.equal(1);
      expect(held).to.deep.equal(expected);
      expect(setting.writes()).to.deep.equal([]);
      expect(reached()).to.deep.equal([]);
      const told = /Waits for approval:\n {2}1 company to publish to Planhat \(127\.0\.0\.1:\d+\) for the first time\n/;
      for (const command of ["sync", "plan", "status"]) expect((await setting.run([command])).stdout).to.match(told);
      expect((await heldOf("status")).map(({ what, count }) => ({ what, count }))).to.have.deep.members(
        expected.map(({ what, count }) => ({ what, count })),
      );

      const agreed = await setting.sync("--yes");
      expect(agreed.held).to.deep.equal([]);
      expect(reached()).to.have.length(3);
      expect(await heldOf("status")).to.deep.equal([]);
      wonDeal(setting.sandbox, {}, { name: "Beta" });
      expect((await setting.sync()).held).to.deep.equal([]);
      expect(setting.objects("companies").size).to.equal(2);
      const consents = await setting.look("select kind, what from connector.consents order by what");
      expect(consents).to.deep.equal(
        ["company", "enduser", "license", "note"].map((what) => ({ kind: "publication", what })),
      );
    });

    it("is another one when the config names another tenant, and goes on with a new token of the same", async () => {
      wonDeal(setting.sandbox, {}, { name: "Acme" });
      await setting.sync("--yes");
      expect(reached()).to.have.length(2);
      const config = readFileSync(`${setting.place.folder}/config.yaml`, "utf8");
      const use = (url: string, token: string) => {
        const { url: known, token: own } = setting.planhat;
        setting.place.write("config.yaml", config.replace(known, url).replace(own, token));
      };
      // The same tenant under another address, as after a change of the token: it has the published objects.
      use(setting.planhat.url.replace("127.0.0.1", "localhost"), setting.planhat.token);
      wonDeal(setting.sandbox, {}, { name: "Beta" });
      expect((await setting.sync()).held).to.deep.equal([]);
      expect(setting.objects("companies").size).to.equal(2);

      const other = await startSandbox({ ...emptyAccount });
      try {
        use(other.planhat.url, other.planhat.token);
        const { held } = await setting.sync();
        expect(held.map(({ what, count }) => `${count} ${what.split(" to ")[0]}`)).to.deep.equal([
          "2 companies",
          "2 licenses",
        ]);
        expect(other.planhat.store.all("companies")).to.deep.equal([]);
        await setting.sync("--yes");
        expect(other.planhat.store.all("companies").map(({ name }) => name)).to.deep.equal(["Acme", "Beta"]);
        expect(other.planhat.store.all("licenses")).to.have.length(2);
        expect(await setting.sync()).to.deep.include({ held: [] });
      } finally {
        await other.close();
      }
    });

    it("is agreed to where an earlier version published already, for the models that it published", async () => {
      const { organizationId } = wonDeal(setting.sandbox, {}, { name: "Acme" });
      await setting.sync("--yes");
      // The state that an earlier version left.
      await setting.look("truncate connector.consents, connector.tenants");
      await setting.look("delete from connector.catalog where key = 'planhat_tenant'");
      wonDeal(setting.sandbox, { org_id: organizationId });
      setting.sandbox.store.create("persons", { name: "Kim", org_id: organizationId });
      const { held } = await setting.sync();
      expect(held.map(({ what, count }) => `${count} ${what.split(" to ")[0]}`)).to.deep.equal(["1 end user"]);
      expect(setting.objects("licenses").size).to.equal(2);
      expect(setting.objects("endusers").size).to.equal(0);
    });

    it("needs no request that an idle sync did not make", async () => {
      wonDeal(setting.sandbox, {}, { name: "Acme" });
      await setting.sync("--yes");
      await setting.sync();
      expect((await setting.sync()).planhat?.requests.count).to.equal(2);
    });

    // A running service owns the folder of an embedded database.
    if (kind === "server")
      it("is told by serve's health, which is good, and goes on in the running service after sync --yes", async () => {
        const port = await freePort();
        setting.configure(`schedule: "* * * * *"\nsync_token: ${syncToken}\n`);
        wonDeal(setting.sandbox, {}, { name: "Acme" });
        await setting.sync();
        const service = await startServe(setting, port);
        try {
          const { status, parts } = await service.health();
          expect(status).to.equal("ready");
          expect(parts["consent"]).to.include({ ready: true });
          expect(parts["consent"]!["problem"]).to.match(/1 company to publish to Planhat .* for the first time.*--yes/);
          expect(parts["consent"]!["waiting"]).to.have.length(2);
          await setting.sync("--yes", "--wait", "60");
          expect((await service.health()).parts["consent"]).to.deep.equal({ ready: true });
          wonDeal(setting.sandbox, {}, { name: "Beta" });
          const headers = { authorization: `Bearer ${syncToken}` };
          await fetch(`${service.url}/sync`, { method: "POST", headers });
          await service.settled();
          expect(setting.objects("companies").size).to.equal(2);
        } finally {
          await service.end();
        }
      });
  });
});
