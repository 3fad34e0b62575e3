import { expect } from "chai";
import { Random } from "../../connector/sandbox/account/random.ts";
import { type PgBouncer, startPgBouncer } from "../pgbouncer.ts";
import { postgresServer } from "../postgres-server.ts";
import type { FaultPlace } from "./fault-place.ts";
import { apiTold, type RoundCounts } from "./fault-rounds.ts";
import { type MisbehavingPostgres, misbehavingPostgres, type StatementFault } from "./misbehaving-postgres.ts";
import { faultSeed, runRounds } from "./rounds.ts";

const lost = /The connection to .+ was lost|cannot be reached/;
const error = (code: string, message: string) => ({ error: code, message });

/** The faults of a statement, by name, and the message for the user if one ends a run. */
const faults: Record<string, { fault: StatementFault; told: RegExp }> = {
  "a connection cut before it": { fault: "cut before", told: lost },
  "a connection cut before its answer": { fault: "cut after", told: lost },
  "a failover": { fault: "failover", told: lost },
  "a deadlock": { fault: error("40P01", "deadlock detected"), told: /deadlock/ },
  "a lock timeout": { fault: error("55P03", "canceling statement due to lock timeout"), told: /lock/ },
  "a statement timeout": { fault: error("57014", "canceling statement due to statement timeout"), told: /timeout/ },
  "a full disk": { fault: error("53100", "No space left on device"), told: /The disk of .+ is full/ },
  "a shutdown": { fault: error("57P01", "terminating connection due to administrator command"), told: lost },
};

/** Describes rounds in which a statement of a sync on a server fails. */
export function serverRounds(at: () => FaultPlace, counts: RoundCounts): void {
  if ((counts.pooler ?? 0) > 0) poolerRounds(at, counts.pooler!);
  describe("at a random statement of a sync", () => {
    let postgres: MisbehavingPostgres;
    let statements: number;
    before(async () => {
      postgres = await misbehavingPostgres(await postgresServer());
      await at().empty();
      postgres.behave();
      await at().sync(new Random(faultSeed), /never/, postgres.through(at().location));
      statements = postgres.statements();
      expect(statements).to.be.greaterThan(60);
    });
    after(() => postgres?.close());

    for (const [name, { fault, told }] of Object.entries(faults)) {
      it(`${name} (${counts.statement} rounds)`, async () => {
        await runRounds(`server ${name}`, counts.statement, (random) =>
          at().round(random, async () => {
            if (random.chance(0.5)) at().disturbApi(random);
            else at().behave();
            const chosen = random.integer(1, statements);
            postgres.disturb((ordinal) => (ordinal === chosen ? fault : undefined));
            const either = new RegExp(`${told.source}|${apiTold.source}`);
            await at().sync(random, either, postgres.through(at().location));
            postgres.behave();
          }),
        );
      });
    }
  });
}

/** Describes rounds behind a transaction pooler, whose connection is cut at a statement. */
function poolerRounds(at: () => FaultPlace, count: number): void {
  describe("behind a pooler", () => {
    let pooler: PgBouncer;
    let postgres: MisbehavingPostgres;
    let statements: number;
    before(async () => {
      pooler = await startPgBouncer(await postgresServer(), "transaction");
      postgres = await misbehavingPostgres(pooler.through(await postgresServer()));
      await at().empty();
      postgres.behave();
      await at().sync(new Random(faultSeed), /never/, postgres.through(at().location));
      statements = postgres.statements();
      expect(statements).to.be.greaterThan(60);
    });
    after(async () => {
      await postgres?.close();
      await pooler?.stop();
    });

    it(`a connection is cut (${count} rounds)`, async () => {
      await runRounds("server pooler", count, (random) =>
        at().round(random, async () => {
          at().behave();
          const chosen = random.integer(1, statements);
          const fault = random.pick(["cut before", "cut after"] as const);
          postgres.disturb((ordinal) => (ordinal === chosen ? fault : undefined));
          await at().sync(random, lost, postgres.through(at().location));
          postgres.behave();
        }),
      );
    });
  });
}
