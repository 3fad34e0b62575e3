import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import type { ForgetProof } from "../../../connector/sync/forget/forget-proof.ts";
import { eachDatabase } from "../../databases.ts";
import { changeAddress, expectNoTrace, fillAccount, forgottenSync } from "../../forgotten-place.ts";

const preload = `--import ${new URL("../../both-ways/die-at-step.mjs", import.meta.url).href}`;
/** The first statement of the forgetting itself. */
const from = "insert into connector.runs";

eachDatabase((_open, kind) => {
  describe("forget, killed between any two steps", function () {
    this.timeout(3_000_000);

    it("is done by the same command, at whichever step it died", async () => {
      // A death changes the account, so each step has a new one. The last one is beyond the end.
      let deaths = 0;
      for (let step = 1; ; step++) {
        const sync = await forgottenSync(kind);
        try {
          const account = fillAccount(sync);
          await sync.sync();
          changeAddress(sync, account);
          await sync.sync();
          const args = ["forget", "persons", String(account.person), "--yes", "--json"];
          const killed = await sync.run(args, undefined, {
            ...{ NODE_OPTIONS: preload, COUNT_FROM: from, DIE_AT_STEP: String(step) },
          });
          if (killed.signal !== "SIGKILL") {
            expect(killed.status, killed.stderr).to.equal(0);
            break;
          }
          deaths++;
          const { status, stdout, stderr } = await sync.run(args);
          expect(status, `step ${step}: ${stderr}`).to.equal(0);
          const proof = JSON.parse(stdout) as ForgetProof;
          expect(proof, `step ${step}`).to.deep.include({ done: true });
          expect(proof.left.notes_on_person, `step ${step}`).to.deep.equal([account.notes.onPerson]);
          await expectNoTrace(sync);
          expect(sync.planhat.store.find("endusers", `srcid-${account.person}`)).to.equal(undefined);
          const license = sync.planhat.store.find("licenses", `srcid-${account.deal}`)!;
          expect(license["custom"], `step ${step}`).to.deep.include({ Contact: null });
          expect(await sync.look("select * from connector.forgetting")).to.deep.equal([]);
          const memory = join(sync.place.folder, "forgotten.json");
          expect(existsSync(memory)).to.equal(true);
          expect(JSON.parse(readFileSync(memory, "utf8"))).to.have.length(3);
          await sync.sync("--full");
          await expectNoTrace(sync);
        } finally {
          await sync.close();
        }
      }
      expect(deaths).to.be.greaterThan(8);
    });
  });
});
