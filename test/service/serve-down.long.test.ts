import { connect, createServer, type Server } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "chai";
import { freePort, startServe, subscribed, webhookConfig } from "../running-service.ts";
import { emptyAccount, sandboxSync, wonDeal } from "../sandbox-sync.ts";

for (const kind of ["server", "embedded"] as const) {
  describe(`serve while Pipedrive is down (${kind})`, function () {
    this.timeout(400_000);

    it("Pipedrive's API cannot be had for a minute, and events come in: all are rows afterwards", async () => {
      const setting = await sandboxSync(kind, emptyAccount);
      const port = await freePort();
      wonDeal(setting.sandbox);
      await setting.sync();
      const api = await startForwarder(setting.sandbox.url);
      const { token } = setting.sandbox;
      setting.place.write(
        "config.yaml",
        `company_url: ${api.url}\napi_token: ${token}\ndatabase: ${setting.location}\n${webhookConfig(port)}`,
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
      // One for each deal, and one more for the deal that changed again while its event is being tried.
      expect(parts["work"]?.["waiting_events"]).to.be.within(20, 21);
      expect(parts["work"]?.["problem"]).to.match(/cannot be reached|ECONNREFUSED|refuse/);
      setting.sandbox.store.update("deals", deals[0]!, { value: 200 });
      await api.open();
      const caughtUp = await service.settled();
      expect(caughtUp, "no pause is longer than a minute").to.be.lessThan(90_000);
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

/** A port of its own that leads to the sandbox as long as it is open; closed, nobody answers there. */
async function startForwarder(target: string): Promise<{ url: string; open(): Promise<void>; close(): Promise<void> }> {
  const port = await freePort();
  const { port: targetPort } = new URL(target);
  let server: Server | undefined;
  const sockets = new Set<{ destroy(): void }>();
  const open = async () => {
    server = createServer((incoming) => {
      const outgoing = connect(Number(targetPort), "127.0.0.1");
      for (const [from, to] of [
        [incoming, outgoing],
        [outgoing, incoming],
      ] as const) {
        sockets.add(from);
        from.on("error", () => to.destroy());
        from.on("close", () => sockets.delete(from));
        from.pipe(to);
      }
    });
    await new Promise<void>((resolve) => server!.listen(port, "127.0.0.1", resolve));
  };
  await open();
  return {
    url: `http://127.0.0.1:${port}`,
    open,
    async close() {
      const closing = server;
      server = undefined;
      if (closing === undefined) return;
      const closed = new Promise((resolve) => closing.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
