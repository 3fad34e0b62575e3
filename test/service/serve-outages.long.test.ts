import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "chai";
import type { JsonObject } from "../../connector/mapping/value.ts";
import type { InterceptedRequest } from "../../connector/sandbox/pipedrive/app.ts";
import { freePort, moveRuns, startServe, subscribed, syncToken, webhookConfig } from "../running-service.ts";
import { emptyAccount, type SandboxSync, sandboxSync, wonDeal } from "../sandbox-sync.ts";

for (const kind of ["server", "embedded"] as const) {
  describe(`serve through outages (${kind})`, function () {
    this.timeout(1_200_000);
    let setting: SandboxSync;
    let intercept: (request: InterceptedRequest) => Response | undefined;
    let port: number;

    beforeEach(async () => {
      intercept = () => undefined;
      setting = await sandboxSync(kind, {
        ...emptyAccount,
        webhookRetrySeconds: [0.2, 0.2, 0.2],
        // Pipedrive's clock, from serve's view ten minutes later.
        clock: () => new Date(Date.now() - 600_000),
        intercept: (request) => intercept(request),
      });
      port = await freePort();
      wonDeal(setting.sandbox);
      await setting.sync();
    });
    afterEach(() => setting.close());

    /** Returns the values of all licenses; a running service owns the embedded database. */
    const values = async () => {
      const rows = await setting.look<{ value: string }>("select value from planhat.licenses order by source_id::int");
      return rows.map(({ value }) => Number(value));
    };

    it("nobody listened and Pipedrive banned the webhook: the next start makes another and brings what was lost", async () => {
      setting.configure(webhookConfig(port));
      const first = await startServe(setting, port);
      await subscribed(setting);
      await first.settled();
      await first.end();
      const lost = Array.from({ length: 10 }, (_, index) => wonDeal(setting.sandbox, { value: 300 + index }).dealId);
      const [webhook] = await webhooksOf(setting);
      // Ten failed first attempts cause a ban of half an hour, which no list shows.
      while ((await webhooksOf(setting))[0]?.["last_delivery_time"] === null) await sleep(50);
      await sleep(6_000);
      const second = await startServe(setting, port);
      while (!second.log().includes("Created webhook")) await sleep(50);
      await second.settled();
      expect(second.log()).to.contain(`Removed webhook ${webhook?.["id"]} (deal events): it was failing.`);
      const found = await webhooksOf(setting);
      expect(found.map(({ id }) => id)).to.deep.equal([(webhook?.["id"] as number) + 1]);
      // The new one is not banned.
      setting.sandbox.store.update("deals", lost[0]!, { value: 400 });
      while ((await webhooksOf(setting))[0]?.["last_http_status"] !== 200) await sleep(50);
      await second.settled();
      expect(second.log()).to.contain("cause=events");
      expect((await second.end()).status).to.equal(143);
      expect(await values()).to.deep.equal([100, 400, ...Array.from({ length: 9 }, (_, index) => 301 + index)]);
    });

    it("fewer were lost than make a ban: the start brings them all the same", async () => {
      setting.configure(webhookConfig(port));
      const first = await startServe(setting, port);
      await subscribed(setting);
      await first.settled();
      await first.end();
      setting.sandbox.store.update("deals", 1, { value: 7 });
      await sleep(6_000);
      // Pipedrive would retry for minutes; the last sync is older by then.
      await moveRuns(setting, "-3 minutes");
      const second = await startServe(setting, port);
      while (!second.log().includes("Run finished")) await sleep(50);
      await second.settled();
      await second.end();
      expect(await values()).to.deep.equal([7]);
    });

    if (kind === "embedded") return;

    it("what failed too often is given up, shown by status, and done after `rejections retry`", async () => {
      setting.configure(webhookConfig(port));
      const { organizationId } = wonDeal(setting.sandbox, { value: 11 });
      intercept = ({ path }) =>
        path === `/api/v2/organizations/${organizationId}`
          ? Response.json({ success: false, error: "Organization not found" }, { status: 404 })
          : undefined;
      await setting.look("delete from pipedrive.organizations");
      const service = await startServe(setting, port);
      await subscribed(setting);
      await service.settled();
      const answer = await fetch(`${service.url}/sync/company/${organizationId}`, {
        method: "POST",
        headers: { authorization: `Bearer ${syncToken}` },
      });
      expect(answer.status).to.equal(202);
      const queue = async () =>
        (JSON.parse((await setting.run(["status", "--json"])).stdout) as { queue: Record<string, unknown> }).queue;
      // Its tries are minutes apart; here the time passes immediately.
      while ((await queue())["dead_letters"] === 0) {
        await setting.look("update connector.job set start_after = now() where name = 'syncs' and state = 'retry'");
      }
      expect(await queue()).to.include({ syncs: 0, dead_letters: 1 });
      expect((await setting.run(["status"])).stdout)
        .to.contain("1 ")
        .and.to.contain("rejections retry");
      intercept = () => undefined;
      const { status, stdout } = await setting.run(["rejections", "retry"]);
      expect(status, stdout).to.equal(0);
      while ((await queue())["dead_letters"] !== 0) await sleep(100);
      await service.settled();
      expect(service.log()).to.match(/cause=company, jobs=1, status=(succeeded|partial)/);
      await service.end();
    });
  });
}

async function webhooksOf({ sandbox }: SandboxSync): Promise<JsonObject[]> {
  const answer = await fetch(`${sandbox.url}/v1/webhooks`, { headers: { "x-api-token": sandbox.token } });
  return ((await answer.json()) as { data: JsonObject[] }).data;
}
