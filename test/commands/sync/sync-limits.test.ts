import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "chai";
import { inTestLong } from "../../long.ts";
import { type SandboxSync, sandboxSync } from "../../sandbox-sync.ts";

const licenses = "select count(*)::int as licenses from planhat.licenses";

describe("a sync within Pipedrive's limits", () => {
  let setting: SandboxSync;
  afterEach(() => setting.close());

  it("keeps below the burst limit of the smallest plan without being told to wait", async () => {
    setting = await sandboxSync("server", { burstLimit: 20 });
    expect((await setting.sync()).requests.retried).to.equal(0);
  });

  it("waits when Pipedrive says 429, and goes on", async () => {
    let refused = 0;
    setting = await sandboxSync("server", {
      intercept: ({ path }) =>
        path === "/api/v2/persons" && refused++ < 2
          ? new Response('{"success":false,"error":"request over limit"}', {
              status: 429,
              headers: { "x-ratelimit-remaining": "0", "x-ratelimit-reset": "1" },
            })
          : undefined,
    });
    const summary = await setting.sync();
    expect(summary.requests.retried).to.equal(2);
    expect(summary.models.enduser.created).to.be.greaterThan(0);
  });

  it("stops with exit 3 when the day's tokens are used up, keeps what it has, and the next run goes on", async () => {
    let exhausted = true;
    setting = await sandboxSync("server", {
      intercept: ({ path }) =>
        exhausted && path === "/v1/notes"
          ? new Response('{"success":false,"error":"daily request budget exceeded","errorCode":429}', {
              status: 429,
              headers: { "retry-after": "3939" },
            })
          : undefined,
    });
    const { status, stderr, stdout } = await setting.run(["sync", "--json"]);
    expect(status).to.equal(3);
    expect(stderr).to.match(/^Error: .*(daily|today|budget).*\n.+\n$/i);
    expect(JSON.parse(stdout)).to.include({ status: "failed", mode: "full" });
    const [landed] = await setting.look("select count(*)::int as deals from pipedrive.deals");
    expect((landed as { deals: number }).deals).to.be.greaterThan(20);
    exhausted = false;
    const requestsBefore = setting.sandbox.requests.count;
    const summary = await setting.sync();
    expect(summary.models.license.created).to.be.greaterThan(0);
    const { read, from_landing: before = 0 } = summary.streams.deals;
    expect(read - before, "deals are not read again from the beginning").to.be.lessThan(10);
    expect(setting.sandbox.requests.count - requestsBefore).to.be.at.most(14);
  });

  it("stops before daily_token_budget, which counts the day's earlier runs too", async () => {
    setting = await sandboxSync("server");
    setting.configure("daily_token_budget: 250\n");
    const { tokens } = (await setting.sync()).requests;
    expect(tokens).to.be.lessThan(250).and.greaterThan(100);
    const { status, stderr } = await setting.run(["sync", "--full"]);
    expect(status).to.equal(3);
    expect(stderr).to.match(/^Error: The daily token budget is used up: \d+ of 250 API tokens are spent today/);
    const { stdout } = await setting.run(["status", "--json"]);
    expect(JSON.parse(stdout).budget.tokens).to.be.greaterThan(tokens).and.at.most(250);
  });

  it("never shows the token, whatever goes wrong", async () => {
    const token = "f00dfacef00dfacef00dfacef00dfacef00dface";
    const faults = [
      () => new Response("<html>blocked</html>", { status: 403 }),
      () => new Response(`{"success":false,"error":"bad token ${token}"}`, { status: 400 }),
      () => new Response(null, { status: 302, headers: { location: `http://127.0.0.1:9/${token}` } }),
    ];
    let fault = faults[0]!;
    setting = await sandboxSync("server", {
      token,
      intercept: ({ path }) => (path === "/v1/notes" ? fault() : undefined),
    });
    for (fault of faults) {
      for (const format of inTestLong ? ["text", "json"] : [fault === faults[1] ? "text" : "json"]) {
        const { stdout, stderr, status } = await setting.run([
          "sync",
          "--json",
          "--log-level",
          "debug",
          "--log-format",
          format,
        ]);
        expect(status).to.be.oneOf([1, 2, 3]);
        expect(stdout + stderr).not.to.contain(token);
      }
    }
  });
});

for (const kind of ["embedded", "server"] as const) {
  describe(`two syncs on one database (${kind})`, () => {
    let setting: SandboxSync;
    let hold = true;
    before(async () => {
      setting = await sandboxSync(kind, {
        intercept: ({ path }) => (hold && path === "/v1/notes" ? "hang" : undefined),
      });
    });
    after(() => setting.close());

    it("never overlap: the second one says so and exits 3, or waits for the first", async () => {
      let stop = () => {};
      const first = setting.run(["sync"], (child) => {
        stop = () => child.kill("SIGTERM");
      });
      while (setting.sandbox.requests.byPath["GET /api/v2/persons"] === undefined) await sleep(50);
      await sleep(500);
      const second = await setting.run(["sync"]);
      expect(second.status).to.equal(3);
      expect(second.stderr).to.match(/^Error: .+\n.*--wait <seconds>.*\n$/);
      const third = setting.run(["sync", "--json", "--wait", "60"]);
      await sleep(1500);
      hold = false;
      stop();
      expect((await first).status).to.equal(143);
      const { status, stdout, stderr } = await third;
      expect(status, stderr).to.equal(0);
      expect(JSON.parse(stdout).models.license.created).to.be.greaterThan(0);
      expect((await setting.look<{ licenses: number }>(licenses))[0]!.licenses).to.be.greaterThan(0);
    });
  });
}
