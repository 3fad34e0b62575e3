import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "chai";
import { dealEvent, freePort, startServe, webhookConfig } from "../running-service.ts";
import { emptyAccount, sandboxSync, wonDeal } from "../sandbox-sync.ts";

describe("serve, when the day's API budget is used up", function () {
  this.timeout(1_200_000);

  it("keeps the events and says so, and does them when there is budget again", async () => {
    const setting = await sandboxSync("server", emptyAccount);
    const port = await freePort();
    setting.configure(webhookConfig(port));
    await setting.sync();
    const { tokens } = (JSON.parse((await setting.run(["status", "--json"])).stdout) as { budget: { tokens: number } })
      .budget;
    const config = `company_url: ${setting.sandbox.url}\napi_token: ${setting.sandbox.token}\ndatabase: ${setting.location}\n${webhookConfig(port)}`;
    // Enough budget to check the webhook, too little for a run.
    setting.place.write("config.yaml", `${config}daily_token_budget: ${tokens + 45}\n`);
    const first = await startServe(setting, port);
    const { dealId } = wonDeal(setting.sandbox);
    expect((await first.deliver(dealEvent(dealId))).status).to.equal(200);
    while ((await first.health()).parts["work"]?.["problem"] === undefined) await sleep(50);
    const { status, parts } = await first.health();
    expect(status, "it goes on receiving").to.equal("ready");
    expect(parts["work"]?.["cause"]).to.match(/^The daily token budget is used up/);
    const shown = JSON.parse((await setting.run(["status", "--json"])).stdout) as { queue: object };
    expect(shown.queue).to.include({ events: 1, dead_letters: 0 });
    await first.end();
    setting.place.write("config.yaml", config);
    const second = await startServe(setting, port);
    await second.settled();
    await second.end();
    expect(await setting.look("select source_id from planhat.licenses")).to.deep.equal([{ source_id: String(dealId) }]);
    await setting.close();
  });
});
