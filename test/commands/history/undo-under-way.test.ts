import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "chai";
import type { Intercept } from "../../../connector/sandbox/pipedrive/app.ts";
import { emptyAccount, sandboxSync, wonDeal } from "../../sandbox-sync.ts";

describe("an undo that is asked for while a run works", function () {
  this.timeout(180_000);

  it("says that the run is still working, and how to wait for it", async () => {
    let intercept: Intercept = () => undefined;
    const setting = await sandboxSync("server", { ...emptyAccount, intercept: (request) => intercept(request) });
    try {
      wonDeal(setting.sandbox);
      const { run: before } = await setting.sync();
      const running = async () =>
        (await setting.look<{ id: string }>("select id from connector.runs where finished_at is null"))[0]?.id;
      let goOn = () => {};
      const until = new Promise<void>((resolve) => {
        goOn = resolve;
      });
      const list = '{"success": true, "data": [], "additional_data": {"next_cursor": null}}';
      const body = () =>
        new ReadableStream({
          async start(controller) {
            await until;
            controller.enqueue(new TextEncoder().encode(list));
            controller.close();
          },
        });
      intercept = ({ path }) =>
        path.endsWith("/deals") ? new Response(body(), { headers: { "content-type": "application/json" } }) : undefined;
      const sync = setting.run(["sync", "--json"]);
      let id = await running();
      for (let tries = 0; id === undefined && tries < 600; tries++, id = await running()) await sleep(50);
      const [last, named, other] = await Promise.all([
        setting.run(["undo", "last", "--json"]),
        setting.run(["undo", id!.slice(0, 8), "--yes", "--wait", "1"]),
        setting.run(["undo", before]),
      ]);
      goOn();
      expect((await sync).status).to.equal(0);
      const message = `Run ${id} is still working (it started `;
      const hint = `pipedrive-planhat undo ${id!.slice(0, 8)} --wait 600.`;
      const told = JSON.parse(last.stdout) as { exit: number; error: { message: string; hint: string } };
      expect([last.status, told.exit, told.error.hint]).to.deep.equal([3, 3, `Wait for its end: ${hint}`]);
      expect(told.error.message).to.match(
        /^Run .* is still working \(it started \d{4}.*Z\), so it cannot be taken back yet\.$/,
      );
      expect(named.status).to.equal(3);
      expect(named.stderr).to.include(message).and.include(`It did not end within 1 seconds; wait longer: ${hint}`);
      expect(other.status).to.equal(3);
      expect(other.stderr).to.include(`Error: Another sync is running on this database (run ${id}, started `);
    } finally {
      await setting.close();
    }
  });
});
