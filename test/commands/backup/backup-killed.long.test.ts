import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "chai";
import { openDatabase } from "../../../connector/database/open/open-database.ts";
import { eachDatabase, emptyLocation, removeLocation } from "../../databases.ts";
import { everything, everythingIn } from "../../everything.ts";
import { type SandboxSync, sandboxSync } from "../../sandbox-sync.ts";

/** The kills of each command. They are spread over the time that it takes unhurt. */
const kills = 8;

eachDatabase((_open, kind) => {
  describe("SIGKILL at any moment", function () {
    this.timeout(1_200_000);
    let setting: SandboxSync;
    before(async () => {
      setting = await sandboxSync(kind, { organizations: 40, persons: 80, deals: 300, notes: 200 });
      await setting.sync();
    });
    after(() => setting.close());

    /** Runs a command that is killed after a part of the time it takes unhurt. Returns true if it was killed. */
    async function killed(args: readonly string[], after: number): Promise<boolean> {
      const { signal, status, stderr } = await setting.run(args, async (child) => {
        await sleep(after);
        child.kill("SIGKILL");
      });
      if (signal !== "SIGKILL") expect(status, stderr).to.equal(0);
      return signal === "SIGKILL";
    }

    it("leaves a whole backup or none, and the next backup removes what was left", async () => {
      const started = performance.now();
      const whole = await setting.run(["backup", "whole.gz"]);
      const time = performance.now() - started;
      expect(whole.status, whole.stderr).to.equal(0);
      let deaths = 0;
      for (let kill = 1; kill <= kills; kill++) {
        const file = `killed-${kill}.gz`;
        if (await killed(["backup", file], (time * kill) / kills)) deaths++;
        if (!existsSync(join(setting.place.folder, file))) {
          const again = await setting.run(["backup", file]);
          expect(again.status, again.stderr).to.equal(0);
        }
        const left = readdirSync(setting.place.folder).filter((name) => name.startsWith(file));
        expect(left, `kill ${kill}`).to.deep.equal([file]);
        const location = await emptyLocation("server");
        try {
          const restored = await restoreInto(location, file);
          expect(restored.status, `kill ${kill}: ${restored.stderr}`).to.equal(0);
        } finally {
          await removeLocation(location);
        }
      }
      expect(deaths).to.be.greaterThan(2);
    });

    it("leaves a database that the same restore fills, with every row", async () => {
      const expected = await everything(setting);
      const made = await setting.run(["backup", "one.gz"]);
      expect(made.status, made.stderr).to.equal(0);
      const unhurt = await emptyLocation(kind);
      const started = performance.now();
      expect((await restoreInto(unhurt, "one.gz")).status).to.equal(0);
      const time = performance.now() - started;
      await removeLocation(unhurt);
      let deaths = 0;
      for (let kill = 1; kill <= kills; kill++) {
        const location = await emptyLocation(kind);
        try {
          configFor(location);
          if (await killed(["restore", "one.gz", "--config", "other.yaml"], (time * kill) / kills)) {
            deaths++;
            const again = await setting.run(["restore", "one.gz", "--config", "other.yaml"]);
            // A kill after the commit is a restore that is done: the rows are there, and nothing replaces them.
            if (again.status === 3) expect(again.stderr).to.contain("is not empty: ");
            else expect(again.status, `kill ${kill}: ${again.stderr}`).to.equal(0);
          }
          const database = await openDatabase(location);
          try {
            expect(await everythingIn(database), `kill ${kill}`).to.deep.equal(expected);
          } finally {
            await database.close();
          }
        } finally {
          await removeLocation(location);
        }
      }
      expect(deaths).to.be.greaterThan(2);
    });

    function configFor(location: string): void {
      const config = readFileSync(join(setting.place.folder, "config.yaml"), "utf8");
      setting.place.write("other.yaml", config.replace(/^database: .*$/m, `database: ${location}`));
    }

    function restoreInto(location: string, file: string) {
      configFor(location);
      return setting.run(["restore", file, "--config", "other.yaml"]);
    }
  });
});
