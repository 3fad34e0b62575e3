import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "chai";
import { eachDatabase } from "../databases.ts";
import { freePort, moveRuns, startServe, syncToken, webhookConfig } from "../running-service.ts";
import { emptyAccount, type SandboxSync, sandboxSync, wonDeal } from "../sandbox-sync.ts";

describe("when serve syncs by itself", function () {
  this.timeout(240_000);

  eachDatabase((_open, kind) => {
    let setting: SandboxSync;
    beforeEach(async () => {
      setting = await sandboxSync(kind, emptyAccount);
    });
    afterEach(() => setting.close());

    const listed = () => setting.sandbox.requests.byPath["GET /api/v2/deals"] ?? 0;

    it("with nothing that starts a sync: at its start, then every 15 minutes, and it says so", async () => {
      const { dealId } = wonDeal(setting.sandbox);
      const service = await startServe(setting, await freePort());
      while (!service.log().includes("Run finished")) await sleep(50);
      expect(service.log()).to.contain(
        "The config has no schedule, webhook or sync_token: serve syncs now and then every 15 minutes.",
      );
      expect((await service.health()).parts["schedule"]?.["schedule"]).to.equal("*/15 * * * *");
      expect((await service.end()).status).to.equal(143);
      expect(await setting.look("select source_id from planhat.licenses")).to.deep.equal([
        { source_id: String(dealId) },
      ]);
    });

    it("starts within a minute after a sync that ended well ask Pipedrive only whose the token is", async () => {
      const port = await freePort();
      setting.configure(webhookConfig(port));
      await setting.sync();
      // However long the starts take.
      await moveRuns(setting, "1 hour");
      setting.sandbox.requests.reset();
      for (let start = 0; start < 3; start++) {
        const service = await startServe(setting, port);
        while (!/Start-up sync skipped: a sync has just succeeded\. \(seconds_ago=\d+\)/.test(service.log())) {
          await sleep(50);
        }
        await service.settled();
        await service.end();
        // The first start created the webhook; every start requests the token's account.
        if (start > 0) expect(setting.sandbox.requests.byPath).to.deep.equal({ "GET /v1/users/me": 1 });
        setting.sandbox.requests.reset();
      }
    });

    it("a sync_token starts syncs: it waits for them", async () => {
      setting.configure(`sync_token: ${syncToken}\n`);
      const service = await startServe(setting, await freePort());
      await service.settled();
      expect((await service.health()).parts["schedule"]?.["schedule"]).to.equal(null);
      await service.end();
      expect(listed()).to.equal(0);
    });

    it("with a webhook, a minute after the last sync: at its start", async () => {
      const port = await freePort();
      setting.configure(webhookConfig(port));
      await setting.sync();
      await moveRuns(setting, "-61 seconds");
      setting.sandbox.requests.reset();
      const service = await startServe(setting, port);
      while (!service.log().includes("Run finished")) await sleep(50);
      await service.end();
      expect(listed()).to.equal(1);
    });
  });
});
