import { expect } from "chai";
import { Random } from "../../connector/sandbox/account/random.ts";
import type { FaultPlace } from "./fault-place.ts";
import { apiTold, type RoundCounts } from "./fault-rounds.ts";
import { fillDisk } from "./full-disk.ts";
import { syncInProcess } from "./in-process-sync.ts";
import { type EmbeddedFault, type MisbehavingStatements, misbehavingStatements } from "./misbehaving-statements.ts";
import { faultSeed, runRounds } from "./rounds.ts";

const error = (code: string, message: string) => ({ error: code, message });

/** The faults of a statement, by name, and the message for the user if one ends a run. */
const faults: Record<string, { fault: EmbeddedFault; told: RegExp }> = {
  "a full disk": { fault: error("53100", "No space left on device"), told: /The disk with .+ is full/ },
  "a broken disk": {
    fault: error("58030", "could not read block"),
    told: /The disk with .+ cannot be read or written/,
  },
};

/** Describes rounds in which the embedded database meets a fault. */
export function embeddedRounds(at: () => FaultPlace, { statement, cutOff = 0, disk = 0 }: RoundCounts): void {
  describe("at a random statement, write or moment of a sync", () => {
    let meddler: MisbehavingStatements;
    let statements: number;
    before(async () => {
      meddler = misbehavingStatements();
      await at().empty();
      meddler.behave();
      await at().sync(new Random(faultSeed), /never/);
      statements = meddler.statements();
      expect(statements).to.be.greaterThan(60);
    });
    after(() => meddler?.restore());

    for (const [name, { fault, told }] of Object.entries(faults)) {
      it(`${name} (${statement} rounds)`, async () => {
        await runRounds(`embedded ${name}`, statement, (random) =>
          at().round(random, async () => {
            if (random.chance(0.5)) at().disturbApi(random);
            else at().behave();
            const chosen = random.integer(1, statements);
            meddler.disturb((ordinal) => (ordinal === chosen ? fault : undefined));
            await at().sync(random, new RegExp(`${told.source}|${apiTold.source}`));
            meddler.behave();
          }),
        );
      });
    }

    it(`it is cut off, as by a kill (${cutOff} rounds)`, async () => {
      await runRounds("embedded cut off", cutOff, (random) =>
        at().round(random, async () => {
          const { api, sandbox, location } = at();
          await at().leave();
          const chosen = random.integer(1, statements + 5);
          meddler.disturb((ordinal) => (ordinal === chosen ? "cut off" : undefined));
          try {
            await syncInProcess({ url: api.url, token: sandbox.token, location });
          } catch (failure) {
            expect((failure as Error).message, (failure as Error).stack).to.contain("cut off");
          } finally {
            meddler.behave();
          }
        }),
      );
    });

    it(`its disk fills up (${disk} rounds)`, async () => {
      let refused = 0;
      await runRounds("embedded disk", disk, (random) =>
        at().round(random, async () => {
          await at().leave();
          const every = random.chance(0.6);
          const filled = fillDisk(every ? "every" : "growing", random.integer(0, every ? 500 : 120));
          try {
            await at().sync(random, /The disk with .+ is full/, at().location);
          } finally {
            filled.makeRoom();
            refused += filled.refused();
          }
        }),
      );
      if (disk > 5) expect(refused).to.be.greaterThan(disk / 2);
    });
  });
}
