import { EventEmitter } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "chai";
import { alertsEvery } from "../../connector/service/alerts.ts";
import { createHealth } from "../../connector/service/health.ts";
import type { Service, ServiceEvents } from "../../connector/service/service.ts";
import { type Inbox, openInbox } from "../alerts/inbox.ts";
import { onServerFirst } from "../databases.ts";

onServerFirst((_kind, open) => {
  describe("alerts of a service to which nothing happens", function () {
    this.timeout(120_000);
    let inbox: Inbox;
    after(() => inbox.close());

    it("what is stale is told without a run, and /health names it and a channel that is down", async () => {
      const database = await open();
      let isDown = false;
      inbox = await openInbox((response) => response.writeHead(isDown ? 404 : 200).end("ok"));
      const warnings: string[] = [];
      const health = createHealth();
      const events = new EventEmitter<ServiceEvents>();
      const stopping = new AbortController();
      const service = {
        config: { company_url: "acme", alerts: [{ url: inbox.url, on: [{ stale: { after: "2h" } }] }] },
        logger: { warn: (message: string) => void warnings.push(message) },
        budget: { left: () => undefined },
        signal: stopping.signal,
        ...{ database, health, events },
      } as unknown as Service;
      const run = (age: string) =>
        database.query(
          `insert into connector.runs (id, mode, status, started_at, finished_at)
           values (gen_random_uuid(), 'incremental', 'succeeded', now() - $1::interval, now() - $1::interval)`,
          [age],
        );
      const part = async () => (await health.report()).parts["alerts"];
      await run("119 minutes");
      const stop = await alertsEvery(20)(service);
      await sleep(200);
      expect(inbox.told()).to.deep.equal([]);
      expect(await part()).to.deep.equal({ ready: true, active: [], channels: 1, failing: 0 });
      await database.query("update connector.runs set finished_at = finished_at - interval '2 minutes'");
      while (inbox.arrived.length === 0) await sleep(20);
      await sleep(100);
      expect(inbox.told()).to.deep.equal(["begin stale"]);
      expect(await part()).to.deep.equal({ ready: true, active: ["stale"], channels: 1, failing: 0 });
      isDown = true;
      await run("1 minute");
      while (warnings.length === 0) await sleep(20);
      await sleep(100);
      expect(warnings).to.have.length(1);
      expect(await part()).to.deep.equal({
        ready: true,
        problem: "1 of 1 alert channels did not take the last message; `status` says which and why.",
        active: [],
        channels: 1,
        failing: 1,
      });
      stopping.abort();
      await stop?.();
    });
  });
});
