import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "chai";
import { everything } from "../everything.ts";
import { dealEvent, freePort, type RunningService, startServe, webhookConfig } from "../running-service.ts";
import { emptyAccount, type SandboxSync, sandboxSync, wonDeal } from "../sandbox-sync.ts";

for (const kind of ["embedded", "server"] as const) {
  describe(`serve is killed right after it confirmed an event (${kind})`, function () {
    this.timeout(400_000);

    it("after the next start the row is there", async () => {
      const setting = await sandboxSync(kind, emptyAccount);
      const port = await freePort();
      setting.configure(webhookConfig(port));
      wonDeal(setting.sandbox);
      await setting.sync();
      const first = await startServe(setting, port);
      const { dealId } = wonDeal(setting.sandbox, { value: 123 });
      expect((await first.deliver(dealEvent(dealId))).status).to.equal(200);
      await first.end("SIGKILL");
      const second = await startServe(setting, port);
      // Nothing is delivered again: the event alone must bring it.
      await sleep(300);
      await second.settled();
      expect((await second.end()).status).to.equal(143);
      const rows = await setting.look("select value::float8 as value from planhat.licenses where source_id = $1", [
        String(dealId),
      ]);
      expect(rows).to.deep.equal([{ value: 123 }]);
      await setting.close();
    });
  });
}

describe("three serve processes on one server", function () {
  this.timeout(400_000);
  let setting: SandboxSync;
  const services: RunningService[] = [];
  const ports: number[] = [];

  before(async () => {
    setting = await sandboxSync("server", { organizations: 20, persons: 40, deals: 60, notes: 60 });
    await setting.sync();
    for (let index = 0; index < 3; index++) ports.push(await freePort());
    setting.configure(webhookConfig(ports[0]!));
    services.push(...(await Promise.all(ports.map((port) => startServe(setting, port)))));
  });
  after(async () => {
    await Promise.all(services.map((service) => service.end()));
    await setting.close();
  });

  it("share the work; one is killed under load, and the tables equal those of an undisturbed sync", async () => {
    const { store } = setting.sandbox;
    const deals = store
      .find("deals", () => true)
      .filter((deal) => deal["status"] === "won" && deal["is_deleted"] !== true);
    let victim: Promise<unknown> | undefined;
    for (let round = 0; round < 12; round++) {
      for (const [index, deal] of deals.entries()) {
        const id = deal["id"] as number;
        if (index % 3 === round % 3) store.update("deals", id, { value: round * 1_000 + index });
        // As Pipedrive does: what is not confirmed is delivered again, to whoever is there.
        for (const service of [services[index % services.length]!, ...services]) {
          const confirmed = await service.deliver(dealEvent(id)).then(
            ({ ok }) => ok,
            () => false,
          );
          if (confirmed) break;
        }
      }
      if (round === 5) victim = services.splice(1, 1)[0]!.end("SIGKILL");
    }
    await victim;
    for (const service of services) await service.settled();
    const found = await everything(setting);
    const undisturbed = await sandboxSync("server", { ...emptyAccount });
    undisturbed.configure("");
    undisturbed.place.write(
      "config.yaml",
      `company_url: ${setting.sandbox.url}\napi_token: ${setting.sandbox.token}\ndatabase: ${undisturbed.location}\n`,
    );
    await undisturbed.sync();
    const expected = await everything(undisturbed);
    await undisturbed.close();
    for (const table of ["planhat.companies", "planhat.endusers", "planhat.notes", "planhat.licenses", "pending"]) {
      expect(found[table], table).to.deep.equal(expected[table]);
    }
    expect(found["links"]).to.have.length((expected["links"] as unknown[]).length);
  });

  it("never worked at the same time", async () => {
    const overlapping = await setting.look(
      `select a.id from connector.runs as a join connector.runs as b
       on a.id <> b.id and a.started_at < b.finished_at and b.started_at < a.finished_at
       where coalesce(a.error, '') not like 'the process ended%' and coalesce(b.error, '') not like 'the process ended%'`,
    );
    expect(overlapping).to.deep.equal([]);
    const [runs] = await setting.look<{ count: string }>("select count(*) as count from connector.runs");
    expect(Number(runs?.count)).to.be.greaterThan(3);
  });
});
