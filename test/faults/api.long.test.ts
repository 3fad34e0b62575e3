import { expect } from "chai";
import type { Random } from "../../connector/sandbox/random.ts";
import { type Sandbox, startSandbox } from "../../connector/sandbox/server.ts";
import { migratedLocation, removeLocation } from "../databases.ts";
import { everything } from "../everything.ts";
import { expectSame } from "./expect-same.ts";
import { syncInProcess } from "./in-process-sync.ts";
import { type MisbehavingApi, type Misdeed, misbehavingApi, misdeeds } from "./misbehaving-api.ts";
import { faultSeed, runRounds } from "./rounds.ts";

/** What people do in Pipedrive while it is read; nothing that depends on when it is read. */
function changeSomething({ store }: Sandbox, random: Random): void {
  const stream = random.pick(["organizations", "persons", "deals", "notes"] as const);
  const { id } = random.pick(store.find(stream, (entry) => !entry.deleted));
  const word = String(random.integer(1, 1_000_000));
  const changes = {
    organizations: { name: `Renamed ${word}` },
    persons: { name: `Kim ${word}` },
    deals: { title: `Deal ${word}` },
    notes: { content: `<p>${word}</p>` },
  };
  store.update(stream, id as number, changes[stream]);
}

/** A note carries the names of its deal, organization and person as they were, and is not changed when these are. */
function withoutNeighbours(found: Record<string, unknown>): Record<string, unknown> {
  const notes = (found["pipedrive.notes"] as { record: object }[]).map((note) => ({
    ...note,
    record: { ...note.record, deal: null, organization: null, person: null },
  }));
  return { ...found, "pipedrive.notes": notes };
}

for (const kind of ["server", "embedded"] as const) {
  describe(`whatever Pipedrive answers, one sync that it lets through leaves what an undisturbed one leaves (${kind})`, function () {
    this.timeout(3_600_000);
    let sandbox: Sandbox;
    let api: MisbehavingApi;
    before(async () => {
      const sizes = { organizations: 12, persons: 25, deals: 40, notes: 30 };
      const limits = { burstLimit: 100_000, dailyTokens: Number.POSITIVE_INFINITY };
      sandbox = await startSandbox({ ...sizes, ...limits, seed: faultSeed });
      api = await misbehavingApi(sandbox.url, { pageSize: 7, dateSkew: -600_000 });
    });
    after(async () => {
      await api?.close();
      await sandbox?.close();
    });

    /** What a sync into a new database leaves: the same until somebody changes the account. */
    let reference: Promise<Record<string, unknown>> | undefined;
    function undisturbed(): Promise<Record<string, unknown>> {
      reference ??= firstSync();
      return reference;
    }

    async function firstSync(): Promise<Record<string, unknown>> {
      const location = await migratedLocation(kind);
      try {
        await syncInProcess({ url: sandbox.url, token: sandbox.token, location });
        return await everything({ location });
      } finally {
        await removeLocation(location);
      }
    }

    /** Syncs twice while `disturb` has its way, then once without, and compares. */
    async function round(random: Random, disturb: (ordinal: number) => Misdeed | undefined): Promise<string[]> {
      const location = await migratedLocation(kind);
      const at = { url: api.url, token: sandbox.token, location };
      const told: string[] = [];
      try {
        api.misbehave((request, ordinal) => {
          const misdeed = disturb(ordinal);
          return misdeed === "expired cursor" && !request.searchParams.has("cursor") ? undefined : misdeed;
        });
        for (let attempt = 0; attempt < 2; attempt++) {
          const clockSkew = random.integer(-10, 10) * 60_000;
          await syncInProcess(at, { silence: 150, clockSkew }).catch((error: Error) => {
            expect(error.name, error.stack).to.equal("Failure");
            told.push(error.message);
          });
        }
        api.behave();
        await syncInProcess(at);
        const left = await everything({ location });
        expect(left["pending"]).to.deep.equal([]);
        expectSame(withoutNeighbours(left), withoutNeighbours(await undisturbed()));
        return told;
      } finally {
        await removeLocation(location);
      }
    }

    it(`whatever it is (seed ${faultSeed})`, async () => {
      await runRounds(`api ${kind}`, kind === "server" ? 3 : 1, async (random) => {
        const chosen = random.some(misdeeds, 4);
        const often = random.pick([0.05, 0.2, 0.6]);
        const changing = random.chance(0.5);
        await round(random, () => {
          if (changing && random.chance(0.2)) {
            changeSomething(sandbox, random);
            reference = undefined;
          }
          return random.chance(often) ? random.pick(chosen) : undefined;
        });
      });
    });

    if (kind === "server") {
      for (const misdeed of misdeeds) {
        it(`${misdeed}, now and then and then for good`, async () => {
          await runRounds(`api ${misdeed}`, 1, async (random) => {
            const from = random.integer(5, 40);
            const told = await round(random, (ordinal) =>
              ordinal >= from || random.chance(0.1) ? misdeed : undefined,
            );
            expect(api.done.get(misdeed)).to.be.greaterThan(0);
            for (const message of told) expect(message).to.match(/Pipedrive|GET \/|The list of \w+ \(\//);
          });
        });
      }
    }
  });
}
