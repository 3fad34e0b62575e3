import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "chai";
import { startForwarder } from "../forwarder.ts";
import { freePort, startServe, subscribed, webhookConfig } from "../running-service.ts";
import { emptyAccount, sandboxSync, wonDeal } from "../sandbox-sync.ts";

for (const kind of ["server", "embedded"] as const) {
  describe(`serve while Pipedrive is down (${kind})`, function () {
    this.timeout(1_200_000);

    it("Pipedrive's API cannot be had for a minute, and events come in: all are rows afterwards", async () => {
      const setting = await sandboxSync(kind, emptyAccount);
      const port = await freePort();
      wonDeal(setting.sandbox);
      await setting.sync();
      const api = await startForwarder(Number(new URL(setting.sandbox.url).port));
      const { token } = setting.sandbox;
      setting.place.write(
        "config.yaml",
        `company_url: http://127.0.0.1:${api.port}\napi_token: ${token}\ndatabase: ${setting.location}\n${webhookConfig(port)}`,
      );
      const service = await startServe(setting, port);
      await subscribed(setting);
      await service.settled();
      await api.close();
      const down = performance.now();
      const deals = Array.from({ length: 20 }, (_, index) => wonDeal(setting.sandbox, { value: 200 + index }).dealId);
      while (performance.now() - down < 60_000) {
        setting.sandbox.store.update("deals", deals[0]!, { value: Math.round(performance.now() - down) });
        await sleep(3_000);
      }
      const { status, parts } = await service.health();
      expect(status, "it goes on receiving").to.equal("ready");
      // One per deal, and one more for the deal that changed again while its event was being tried.
      expect(parts["work"]?.["waiting_events"]).to.be.within(20, 21);
      expect(parts["work"]?.["cause"]).to.match(/cannot be reached|ECONNREFUSED|refuse/);
      setting.sandbox.store.update("deals", deals[0]!, { value: 200 });
      await api.open();
      await service.settled();
      const pauses = [...service.log().matchAll(/Worker paused after a failure\. \(pause_s=([\d.]+)/g)].map(
        ([, seconds]) => Number(seconds),
      );
      expect(Math.max(...pauses), "no pause is longer than a minute").to.be.within(1, 60);
      expect((await service.end()).status).to.equal(143);
      const rows = await setting.look<{ value: string }>("select value from planhat.licenses order by source_id::int");
      expect(rows.map(({ value }) => Number(value))).to.deep.equal([
        100,
        ...Array.from({ length: 20 }, (_, index) => 200 + index),
      ]);
      await api.close();
      await setting.close();
    });
  });
}
