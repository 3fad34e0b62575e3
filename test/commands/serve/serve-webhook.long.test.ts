import type { ChildProcess } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "chai";
import type { JsonObject } from "../../../connector/mapping/value.ts";
import type { SandboxOptions } from "../../../connector/sandbox/server.ts";
import { eachDatabase } from "../../databases.ts";
import type { BinResult } from "../../run-bin.ts";
import { send } from "../../sandbox/client.ts";
import { emptyAccount, type SandboxSync, sandboxSync } from "../../sandbox-sync.ts";

describe("serve looks after its webhook", function () {
  this.timeout(1_200_000);

  eachDatabase((_open, kind) => {
    let setup: SandboxSync;
    let intercept: NonNullable<SandboxOptions["intercept"]>;
    let child: ChildProcess | undefined;
    let ended: Promise<BinResult>;
    let log = "";
    beforeEach(async () => {
      intercept = () => undefined;
      setup = await sandboxSync(kind, { ...emptyAccount, intercept: (request) => intercept(request) });
      setup.configure("webhook:\n  public_url: http://127.0.0.1:9\n");
    });
    afterEach(async () => {
      child?.kill("SIGKILL");
      await ended;
      await setup.close();
    });

    const start = () => {
      log = "";
      ended = setup.run(["serve", "--port", "0"], (process) => {
        child = process;
        process.stderr?.on("data", (chunk) => {
          log += chunk;
        });
      });
    };
    const stop = async () => {
      child?.kill("SIGTERM");
      return (await ended).status;
    };
    const until = async (holds: () => boolean | Promise<boolean>) => {
      const deadline = Date.now() + 600_000;
      while (!(await holds())) {
        if (Date.now() > deadline) throw new Error(`It did not come to pass:\n${log}`);
        await sleep(50);
      }
    };
    const inPipedrive = async () =>
      (await send(setup.sandbox, "GET", "/v1/webhooks")).body["data"] as unknown as JsonObject[];
    const health = async () => {
      const port = /Listening on http:\/\/127\.0\.0\.1:(\d+)/.exec(log)?.[1];
      const answer = await fetch(`http://127.0.0.1:${port}/health`);
      return ((await answer.json()) as { parts: Record<string, JsonObject> }).parts["webhook"]!;
    };

    it("makes it at the start, once, and anew with a sync when Pipedrive had removed it", async () => {
      start();
      await until(() => log.includes("Created webhook 1"));
      await until(async () => (await health())["looked_at"] !== null);
      expect(await health()).to.deep.include({ ready: true, ids: [1] });
      expect(await stop()).to.equal(143);
      await send(setup.sandbox, "DELETE", "/v1/webhooks/1");
      start();
      await until(() => log.includes("Created webhook 2") && log.includes("Run finished"));
      expect(log).to.contain("Created webhook 2: deal events go to http://127.0.0.1:9/webhooks/pipedrive.");
      expect(log).to.contain("The webhook stopped working while serve was not running: a sync fetches");
      expect((await inPipedrive()).map(({ id }) => id)).to.deep.equal([2]);
      expect(await stop()).to.equal(143);
    });

    if (kind === "embedded") return;

    it("goes on without the permission, and says so in log and health", async () => {
      intercept = ({ path }) =>
        path === "/v1/webhooks" ? Response.json({ success: false, message: "Forbidden" }, { status: 403 }) : undefined;
      start();
      await until(() => log.includes("Listening") && log.includes("Webhook check failed"));
      expect(log).to.contain("warn  Webhook check failed. (error=The token's user may not manage webhooks.");
      const found = await health();
      expect(found).to.include({ ready: true, looked_at: null });
      expect(found["problem"]).to.equal("The webhook check failed and is retried. The log names the reason.");
      expect(await stop()).to.equal(143);
    });
  });
});
