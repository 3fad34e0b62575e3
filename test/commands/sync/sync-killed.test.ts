import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "chai";
import { onServerFirst } from "../../databases.ts";
import { everything } from "../../everything.ts";
import { inTestLong, itLong } from "../../long.ts";
import { type SandboxSync, sandboxSync } from "../../sandbox-sync.ts";

const size = { organizations: 80, persons: 200, deals: 180, notes: 300 };
onServerFirst((kind) => {
  describe(`a sync that is killed at any moment, and then finished, leaves what an undisturbed one leaves (${kind})`, () => {
    let undisturbed: Record<string, unknown>;
    let duration: number;
    const settings: SandboxSync[] = [];
    const set = async () => {
      const setting = await sandboxSync(kind, size);
      settings.push(setting);
      return setting;
    };
    before(async () => {
      const setting = await set();
      const started = performance.now();
      await setting.sync();
      duration = performance.now() - started;
      undisturbed = await everything(setting);
      expect(undisturbed["planhat.licenses"]).to.have.length.greaterThan(50);
    });
    after(async () => {
      for (const setting of settings) await setting.close();
    });

    for (const part of inTestLong ? [0.35, 0.5, 0.6, 0.7, 0.8, 0.9] : [0.7]) {
      it(`killed after ${part * 100} % of the time it takes`, async () => {
        const setting = await set();
        const { signal, status } = await setting.run(["sync", "--json"], (child) => {
          void sleep(duration * part).then(() => child.kill("SIGKILL"));
        });
        // A faster second run may have finished before the kill: then there was nothing to prove.
        expect(signal === "SIGKILL" || status === 0).to.equal(true);
        await setting.sync();
        expect(await everything(setting)).to.deep.equal(undisturbed);
      });
    }

    itLong("killed again and again, until one is let through", async () => {
      const setting = await set();
      for (let round = 0; round < 6; round++) {
        await setting.run(["sync"], (child) => {
          void sleep(duration * (0.4 + 0.1 * round)).then(() => child.kill("SIGKILL"));
        });
      }
      await setting.sync();
      expect(await everything(setting)).to.deep.equal(undisturbed);
    });

    it("stopped by SIGTERM it says so, exits 143, and the next one continues", async () => {
      const setting = await set();
      // Not timed by the clock: a signal before the program has started ends it like any other program.
      const { status, stderr } = await setting.run(["sync"], (child) => {
        const looking = setInterval(() => {
          if (setting.sandbox.requests.byPath["GET /api/v2/deals"] === undefined) return;
          clearInterval(looking);
          child.kill("SIGTERM");
        }, 5);
        child.on("exit", () => clearInterval(looking));
      });
      if (status !== 0) {
        expect(status).to.equal(143);
        expect(stderr).to.contain("Stopped by SIGTERM. Committed work is kept; the next sync continues from there.");
      }
      await setting.sync();
      expect(await everything(setting)).to.deep.equal(undisturbed);
    });
  });
});
