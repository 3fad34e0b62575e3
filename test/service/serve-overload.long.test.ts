import { execFileSync } from "node:child_process";
import { expect } from "chai";
import pg from "pg";
import {
  authorization,
  dealEvent,
  freePort,
  type RunningService,
  startServe,
  webhookConfig,
} from "../running-service.ts";
import { emptyAccount, type SandboxSync, sandboxSync, wonDeal } from "../sandbox-sync.ts";

describe("serve under more than it can take", function () {
  this.timeout(1_200_000);
  let setting: SandboxSync;
  let service: RunningService;

  before(async () => {
    setting = await sandboxSync("server", emptyAccount);
    const port = await freePort();
    setting.configure(webhookConfig(port));
    await setting.sync();
    service = await startServe(setting, port);
    await service.settled();
  });
  after(async () => {
    await service.end();
    await setting.close();
  });

  const memory = () =>
    Number(execFileSync("ps", ["-o", "rss=", "-p", String(service.child.pid)], { encoding: "utf8" })) / 1024;

  it("while the database stores nothing a thousand deliveries wait, those beyond get 503, and afterwards all is well", async () => {
    const blocker = new pg.Client(setting.location);
    await blocker.connect();
    await blocker.query("begin");
    await blocker.query("lock table connector.job in access exclusive mode");
    const statuses: number[] = [];
    let enough = () => {};
    const refused = new Promise<void>((resolve) => {
      enough = resolve;
    });
    const answers = Array.from({ length: 1_100 }, async (_, index) => {
      const answer = await service.deliver(dealEvent(index + 1));
      if (answer.status === 503) expect(answer.headers.get("retry-after")).to.equal("5");
      if (statuses.push(answer.status) === 100) enough();
      await answer.text();
    });
    await refused;
    expect(new Set(statuses)).to.deep.equal(new Set([503]));
    await blocker.query("rollback");
    await blocker.end();
    await Promise.all(answers);
    expect(statuses.filter((status) => status === 503)).to.have.length(100);
    expect(statuses.filter((status) => status === 200)).to.have.length(1_000);
  });

  it("bodies of whoever has no password, and bodies that are too large, cost no memory", async () => {
    const large = "x".repeat(5_000_000);
    const flood = async (headers: Record<string, string>, status: number) => {
      for (let round = 0; round < 10; round++) {
        const sent = Array.from({ length: 30 }, () =>
          service.deliver(large, headers).then(
            (answer) => answer.status,
            // The connection may be closed before the whole body was sent.
            () => undefined,
          ),
        );
        for (const answered of await Promise.all(sent)) expect(answered).to.be.oneOf([status, undefined]);
      }
    };
    const before = memory();
    await flood({ authorization: "Basic eDp5" }, 401);
    await flood({ authorization }, 413);
    expect(memory() - before, "of 3,000 MB that were sent").to.be.lessThan(150);
  });

  it("and an event is a row as ever", async () => {
    const { dealId } = wonDeal(setting.sandbox, { value: 9 });
    expect((await service.deliver(dealEvent(dealId))).status).to.equal(200);
    await service.settled();
    expect(await setting.look("select value::int as value from planhat.licenses")).to.deep.equal([{ value: 9 }]);
  });
});
