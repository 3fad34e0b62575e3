import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "chai";
import type { Intercept } from "../../../connector/sandbox/pipedrive/app.ts";
import type { DatabaseKind } from "../../databases.ts";
import { inTestLong } from "../../long.ts";
import { emptyAccount, type SandboxSync, sandboxSync, wonDeal } from "../../sandbox-sync.ts";

describe("an undo that is asked for while a run works", function () {
  this.timeout(180_000);

  /** Calls `work` while a sync waits for the list of deals, and again after that sync. `before` is a finished run. */
  async function whileSyncing(
    kind: DatabaseKind,
    work: (setting: SandboxSync, before: string) => Promise<(setting: SandboxSync, own: string) => Promise<void>>,
  ): Promise<void> {
    let intercept: Intercept = () => undefined;
    const setting = await sandboxSync(kind, { ...emptyAccount, intercept: (request) => intercept(request) });
    try {
      wonDeal(setting.sandbox);
      const { run: before } = await setting.sync();
      let goOn = () => {};
      const until = new Promise<void>((resolve) => {
        goOn = resolve;
      });
      let isWaiting = false;
      const list = '{"success": true, "data": [], "additional_data": {"next_cursor": null}}';
      const body = () =>
        new ReadableStream({
          async start(controller) {
            isWaiting = true;
            await until;
            controller.enqueue(new TextEncoder().encode(list));
            controller.close();
          },
        });
      intercept = ({ path }) =>
        path.endsWith("/deals") ? new Response(body(), { headers: { "content-type": "application/json" } }) : undefined;
      const sync = setting.run(["sync", "--json"]);
      for (let tries = 0; !isWaiting && tries < 600; tries++) await sleep(50);
      const after = await work(setting, before).finally(goOn);
      const { status, stdout } = await sync;
      expect(status).to.equal(0);
      await after(setting, (JSON.parse(stdout) as { run: string }).run);
    } finally {
      await setting.close();
    }
  }

  it("says that the run is still working, and how to wait for it", () =>
    whileSyncing("server", async (setting, before) => {
      const [running] = await setting.look<{ id: string }>("select id from connector.runs where finished_at is null");
      const { id } = running!;
      const [last, named, other] = await Promise.all([
        setting.run(["undo", "last", "--json"]),
        setting.run(["undo", id.slice(0, 8), "--yes", "--wait", "1"]),
        setting.run(["undo", before]),
      ]);
      const message = `Run ${id} is still working (it started `;
      const hint = `pipedrive-planhat undo ${id.slice(0, 8)} --wait 600.`;
      const told = JSON.parse(last.stdout) as { exit: number; error: { message: string; hint: string } };
      expect([last.status, told.exit, told.error.hint]).to.deep.equal([3, 3, `Wait for its end: ${hint}`]);
      expect(told.error.message).to.match(
        /^Run .* is still working \(it started \d{4}.*Z\), so it cannot be taken back yet\.$/,
      );
      expect(named.status).to.equal(3);
      expect(named.stderr).to.include(message).and.include(`It did not end within 1 seconds; wait longer: ${hint}`);
      expect(other.status).to.equal(3);
      expect(other.stderr).to.include(`Error: Another sync is running on this database (run ${id}, started `);
      return async () => {};
    }));

  it("says who uses the embedded database, as every command that starts a run, and waits with --wait", () =>
    whileSyncing("embedded", async (setting, before) => {
      const waiting = setting.run(["undo", before, "--wait", "120", "--json"]);
      const inUse = /^The database folder \S+ is in use by another process \(pid \d+ on \S+, since 2\S+Z\)/;
      const told = async (...args: string[]) => {
        const { status, stdout, stderr } = await setting.run([...args, "--json"]);
        expect(status, stderr).to.equal(3);
        const { exit, error } = JSON.parse(stdout) as { exit: number; error: Record<"message" | "hint", string> };
        expect(exit).to.equal(3);
        expect(error.message).to.match(inUse);
        return error;
      };
      const last = await told("undo", "last", "--yes");
      expect(last.message).to.match(/Z\), so nothing can be taken back yet\.$/);
      expect(last.hint).to.equal("Wait for its end: pipedrive-planhat undo last --wait 600.");
      expect((await told("undo", before, "--wait", "1")).hint).to.equal(
        `It did not end within 1 seconds; wait longer: pipedrive-planhat undo ${before} --wait 600.`,
      );
      const runs = ["sync", "plan --remap"];
      const others = ["plan", "remap", "audit", "rejections retry", "holds release --yes"];
      for (const args of inTestLong ? [...runs, ...others] : runs)
        expect((await told(...args.split(" "))).hint).to.match(/^Let it finish \(--wait <seconds> waits for it\)/);
      expect((await told("status")).hint).to.match(/^Let it finish or stop it\. /);
      return async () => {
        const { status, stdout, stderr } = await waiting;
        expect(status, stderr).to.equal(0);
        expect(JSON.parse(stdout)).to.include({ run: null, undoes: before });
      };
    }));
});
