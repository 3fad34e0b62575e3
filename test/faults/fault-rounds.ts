import { expect } from "chai";
import type { DatabaseKind } from "../databases.ts";
import { embeddedRounds } from "./embedded-rounds.ts";
import { FaultPlace } from "./fault-place.ts";
import { misdeeds } from "./misbehaving-api.ts";
import { faultSeed, runRounds } from "./rounds.ts";
import { serverRounds } from "./server-rounds.ts";

/** The number of rounds of each sort. */
export interface RoundCounts {
  /** Rounds in which Pipedrive misbehaves. */
  api: number;
  /** Rounds in which the process is killed. */
  killed?: number;
  /** Rounds in which a statement fails, with each fault; in half of them Pipedrive misbehaves too. */
  statement: number;
  /** Rounds in which connections to a server behind a transaction pooler are cut. */
  pooler?: number;
  /** Rounds in which the killed process stays a zombie, because its parent does not wait. */
  zombie?: number;
  /** Rounds in which an embedded database is cut off at a statement. */
  cutOff?: number;
  /** Rounds in which the disk under an embedded database fills up. */
  disk?: number;
}

/** The messages of a run that Pipedrive's misbehaviour ended. */
export const apiTold = /Pipedrive|GET \/|The list of \w+ \(\//;

/** Describes rounds of every sort on one kind of database. */
export function faultRounds(kind: DatabaseKind, counts: RoundCounts): void {
  describe(`whatever happens on the way, one sync in peace leaves what a run that never failed leaves (${kind}, seed ${faultSeed})`, function () {
    this.timeout(3_600_000);
    let place: FaultPlace;
    before(async () => {
      place = await FaultPlace.make(kind);
    });
    after(() => place?.remove());

    it(`Pipedrive misbehaves (${counts.api} rounds)`, async () => {
      await runRounds(`${kind} api`, counts.api, (random) =>
        place.round(random, async () => {
          place.disturbApi(random);
          await place.sync(random, apiTold);
        }),
      );
      if (counts.api < misdeeds.length * 3 || process.env["FAULT_ROUNDS"] !== undefined) return;
      for (const misdeed of misdeeds) expect(place.api.done.get(misdeed), misdeed).to.be.greaterThan(0);
    });

    const { killed: rounds = 0 } = counts;
    if (rounds > 0) it(`the process is killed (${rounds} rounds)`, killedRounds);
    const { zombie: zombies = 0 } = counts;
    if (zombies > 0) it(`the process is killed, and stays a zombie (${zombies} rounds)`, zombieRounds);
    (kind === "server" ? serverRounds : embeddedRounds)(() => place, counts);

    async function zombieRounds(): Promise<void> {
      await runRounds(`${kind} zombie`, zombies, async (random) => {
        const parents: (() => void)[] = [];
        try {
          await place.round(random, async () => {
            await place.leave();
            parents.push(await place.zombieSync(random.integer(200, 4_000)));
          });
        } finally {
          for (const end of parents) end();
        }
      });
    }

    async function killedRounds(): Promise<void> {
      await place.empty();
      await place.leave();
      const started = performance.now();
      await place.killedSync(1_000_000);
      const duration = performance.now() - started;
      let killed = 0;
      await runRounds(`${kind} killed`, rounds, (random) =>
        place.round(random, async () => {
          await place.leave();
          if (await place.killedSync(duration * (0.3 + 0.7 * random.next()))) killed++;
        }),
      );
      if (rounds > 5) expect(killed).to.be.greaterThan(rounds / 2);
    }
  });
}
