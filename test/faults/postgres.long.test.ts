import { expect } from "chai";
import { type Sandbox, startSandbox } from "../../connector/sandbox/server.ts";
import { migratedLocation, removeLocation } from "../databases.ts";
import { everything } from "../everything.ts";
import { postgresServer } from "../postgres-server.ts";
import { expectSame } from "./expect-same.ts";
import { syncInProcess } from "./in-process-sync.ts";
import { type MisbehavingPostgres, misbehavingPostgres, type StatementFault } from "./misbehaving-postgres.ts";
import { faultSeed, runRounds } from "./rounds.ts";

/** The faults of a statement, by name, and what the user is told when one ends a run. */
const faults: Record<string, { fault: StatementFault; told: RegExp }> = {
  "a connection cut before it": { fault: "cut before", told: /The connection to .+ was lost|cannot be reached/ },
  "a connection cut before its answer": { fault: "cut after", told: /The connection to .+ was lost|cannot be reached/ },
  "a failover": { fault: "failover", told: /The connection to .+ was lost|cannot be reached/ },
  "a deadlock": { fault: { error: "40P01", message: "deadlock detected" }, told: /deadlock/ },
  "a lock timeout": { fault: { error: "55P03", message: "canceling statement due to lock timeout" }, told: /lock/ },
  "a statement timeout": {
    fault: { error: "57014", message: "canceling statement due to statement timeout" },
    told: /timeout/,
  },
  "a full disk": {
    fault: { error: "53100", message: "could not extend file: No space left on device" },
    told: /The disk of .+ is full/,
  },
  "a shutdown": {
    fault: { error: "57P01", message: "terminating connection due to administrator command" },
    told: /The connection to .+ was lost/,
  },
};

describe(`whatever befalls a statement, one sync that succeeds leaves what an undisturbed one leaves (seed ${faultSeed})`, function () {
  this.timeout(3_600_000);
  let sandbox: Sandbox;
  let postgres: MisbehavingPostgres;
  let undisturbed: Record<string, unknown>;
  let statements: number;
  const place = (location: string) => ({ url: sandbox.url, token: sandbox.token, location });
  before(async () => {
    const limits = { burstLimit: 100_000, dailyTokens: Number.POSITIVE_INFINITY };
    sandbox = await startSandbox({ organizations: 12, persons: 25, deals: 40, notes: 30, ...limits, seed: faultSeed });
    postgres = await misbehavingPostgres(await postgresServer());
    const location = await migratedLocation("server");
    postgres.behave();
    await syncInProcess(place(postgres.through(location)));
    statements = postgres.statements();
    undisturbed = await everything({ location });
    await removeLocation(location);
    expect(undisturbed["planhat.sales"]).to.have.length.greaterThan(0);
    expect(undisturbed["rejections"]).to.have.length.greaterThan(0);
    expect(statements).to.be.greaterThan(60);
  });
  after(async () => {
    await postgres?.close();
    await sandbox?.close();
  });

  for (const [name, { fault, told }] of Object.entries(faults)) {
    it(name, async () => {
      // With FAULT_ROUNDS as many as there are statements, each has its turn.
      await runRounds(`postgres ${name}`, 1, async (random, number) => {
        const at =
          process.env["FAULT_ROUNDS"] === undefined ? random.integer(1, statements) : number % (statements + 1);
        const location = await migratedLocation("server");
        try {
          let seen = "nothing";
          postgres.disturb((ordinal, sql) => {
            if (ordinal !== at) return undefined;
            seen = sql;
            return fault;
          });
          await syncInProcess(place(postgres.through(location))).catch((error: Error) => {
            expect(error.name, `${seen}: ${error.stack}`).to.equal("Failure");
            expect(error.message, seen).to.match(told);
          });
          postgres.behave();
          await syncInProcess(place(postgres.through(location)));
          expectSame(await everything({ location }), undisturbed);
        } finally {
          await removeLocation(location);
        }
      });
    });
  }
});
