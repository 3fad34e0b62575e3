import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "chai";
import type { InterceptedRequest } from "../../connector/sandbox/pipedrive/app.ts";
import { everything } from "../everything.ts";
import type { BinResult } from "../run-bin.ts";
import {
  dealEvent,
  freePort,
  type RunningService,
  startServe,
  subscribed,
  syncToken,
  unsubscribe,
  webhookConfig,
} from "../running-service.ts";
import { emptyAccount, type SandboxSync, sandboxSync, wonDeal } from "../sandbox-sync.ts";

for (const kind of ["embedded", "server"] as const) {
  describe(`serve ends right after it confirmed events (${kind})`, function () {
    this.timeout(1_200_000);
    let setting: SandboxSync;
    let port: number;
    let intercept: (request: InterceptedRequest) => Response | "hang" | undefined;
    beforeEach(async () => {
      intercept = () => undefined;
      setting = await sandboxSync(kind, { ...emptyAccount, intercept: (request) => intercept(request) });
      port = await freePort();
      setting.configure(webhookConfig(port));
      wonDeal(setting.sandbox);
      await setting.sync();
    });
    afterEach(() => setting.close());

    /**
     * Nothing is delivered again, and no sync is requested at the start: the confirmed events alone must bring the
     * rows.
     */
    const startWithoutWebhook = () => {
      const { sandbox, place, location } = setting;
      place.write(
        "config.yaml",
        `company_url: ${sandbox.url}\napi_token: ${sandbox.token}\ndatabase: ${location}\nsync_token: ${syncToken}\n`,
      );
      return startServe(setting, port);
    };

    it("by SIGKILL, right after the 2xx: after the next start the row is there, brought by the event", async () => {
      const first = await startServe(setting, port);
      await subscribed(setting);
      await first.settled();
      // So that only the answer comes before the kill.
      intercept = ({ path }) => (path.startsWith("/api/v2/deals") ? new Response("down", { status: 503 }) : undefined);
      const { dealId } = wonDeal(setting.sandbox, { value: 123 });
      // As the sandbox delivers it, and knows that it was confirmed.
      while ((await lastStatus(setting)) !== 200) await sleep(1);
      await first.end("SIGKILL");
      expect(await setting.look("select from planhat.licenses where source_id = $1", [String(dealId)])).to.deep.equal(
        [],
      );
      intercept = () => undefined;
      const second = await startWithoutWebhook();
      await second.settled();
      expect((await second.end()).status).to.equal(143);
      const rows = await setting.look("select value::float8 as value from planhat.licenses where source_id = $1", [
        String(dealId),
      ]);
      expect(rows).to.deep.equal([{ value: 123 }]);
    });

    it("by SIGTERM, while Pipedrive does not answer: within ten seconds, and the event waits for the next start", async () => {
      const first = await startServe(setting, port);
      await unsubscribe(setting);
      await first.settled();
      let asked = false;
      intercept = ({ path }) => {
        asked ||= path.startsWith("/api/v2/deals/");
        return path.startsWith("/api/v2/deals/") ? "hang" : undefined;
      };
      const { dealId } = wonDeal(setting.sandbox, { value: 31 });
      expect((await first.deliver(dealEvent(dealId))).status).to.equal(200);
      while (!asked) await sleep(20);
      const started = performance.now();
      expect((await first.end()).status).to.equal(143);
      expect(performance.now() - started, "ten seconds, and what a busy machine adds").to.be.lessThan(30_000);
      intercept = () => undefined;
      const second = await startWithoutWebhook();
      await second.settled();
      await second.end();
      const rows = await setting.look("select value::int as value from planhat.licenses where source_id = $1", [
        String(dealId),
      ]);
      expect(rows).to.deep.equal([{ value: 31 }]);
    });

    it("by SIGTERM, in the middle of a stream of deliveries: within ten seconds, and every confirmed one is a row", async () => {
      const first = await startServe(setting, port);
      await unsubscribe(setting);
      await first.settled();
      const confirmed: number[] = [];
      let stopping: Promise<BinResult> | undefined;
      let stopped = 0;
      const answers: Promise<void>[] = [];
      // Deliveries continue until it has ended, however long that takes.
      for (let index = 0; stopped === 0; index++) {
        const { dealId } = wonDeal(setting.sandbox, { value: index });
        answers.push(
          first.deliver(dealEvent(dealId)).then(
            ({ ok }) => void (ok && confirmed.push(dealId)),
            () => undefined,
          ),
        );
        if (index === 200) {
          const started = performance.now();
          stopping = first.end().then((result) => {
            stopped = performance.now() - started;
            return result;
          });
        }
        await sleep(5);
      }
      await Promise.all(answers);
      expect((await stopping)?.status).to.equal(143);
      expect(stopped, "ten seconds, and what a busy machine adds").to.be.lessThan(30_000);
      expect(confirmed.length).to.be.within(1, answers.length - 1);
      const second = await startWithoutWebhook();
      await second.settled();
      await second.end();
      const rows = await setting.look<{ id: string }>("select source_id as id from planhat.licenses");
      const found = new Set(rows.map(({ id }) => Number(id)));
      expect(confirmed.filter((id) => !found.has(id))).to.deep.equal([]);
    });
  });
}

/** Returns the status with which Pipedrive's last delivery was answered. */
async function lastStatus({ sandbox }: SandboxSync): Promise<unknown> {
  const answer = await fetch(`${sandbox.url}/v1/webhooks`, { headers: { "x-api-token": sandbox.token } });
  return ((await answer.json()) as { data: Record<string, unknown>[] }).data[0]?.["last_http_status"];
}

describe("three serve processes on one server", function () {
  this.timeout(1_200_000);
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
        // Like Pipedrive: an unconfirmed event is delivered again, to whichever service is there.
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
    expect(Number(runs?.count), "the first sync, and however many were enough for the events").to.be.at.least(2);
  });
});
